import Cryptography
import ProofChain

/// Fetches what verifying statements needs and nobody gave: chains, and what witnesses signed.
struct StatementSources {
    private(set) var verifier: StatementVerifier
    private let relay: RelayClient?

    /// Identities that are asked for at most, with all delegation of a few credentials.
    private static let identitiesMax = 64

    init(verifier: StatementVerifier, relay: RelayClient?) {
        self.verifier = verifier
        self.relay = relay
    }

    /// Fetches the chains that the tokens need, and the operations that their countersignatures are about.
    /// - Returns: the tokens of those operations, unverified.
    /// - Throws: exit code 69 when a chain is missing and no relay answers.
    mutating func complete(for tokens: [String]) async throws(CLIFailure) -> [String] {
        try await fetchChains(for: tokens)
        let targets = await fetchTargets(of: tokens)
        // What a witness signed is beside the point of its own validity: without its author's chain it stays unread.
        do throws(CLIFailure) {
            try await fetchChains(for: targets)
        } catch {
            standardError("mjn: \(error.message)")
        }
        return targets
    }

    private mutating func fetchChains(for tokens: [String]) async throws(CLIFailure) {
        var asked: Set<DFOSDID> = []
        for token in tokens {
            for did in verifier.missing(for: token) where asked.insert(did).inserted {
                guard asked.count <= Self.identitiesMax else { return }
                guard let relay else {
                    throw CLIFailure(
                        "the chain of \(did) is missing, and there is no relay to ask",
                        fix: "give it with --chain, or name a relay with --relay", exitCode: ExitStatus.unavailable)
                }
                do throws(CLIFailure) {
                    if let chain = try await relay.chain(of: did) { verifier.add(chain) }
                } catch {
                    // A relay that answers with nonsense says nothing about the statement.
                    throw CLIFailure(
                        "the chain of \(did) is missing: \(error.message)",
                        fix: "give it with --chain, or name another relay with --relay",
                        exitCode: error.exitCode == ExitStatus.failed ? ExitStatus.unavailable : error.exitCode)
                }
            }
        }
    }

    /// The operations that are not among the tokens themselves. Best effort: a countersignature holds without them.
    private func fetchTargets(of tokens: [String]) async -> [String] {
        guard let relay else { return [] }
        let operations = tokens.compactMap { try? SignedOperation(token: $0) }
        let given = Set(operations.map(\.cid))
        var targets: [String] = []
        var asked: Set<CID> = []
        for operation in operations where operation.kind == .countersign {
            guard let text = operation.payload.root["targetCID"]?.string, let cid = try? CID(text),
                !given.contains(cid), asked.insert(cid).inserted, asked.count <= Self.identitiesMax
            else { continue }
            do throws(CLIFailure) {
                // What a relay hands over may be anything; it is taken for the target by its own CID alone.
                if let token = try await relay.operation(cid) { targets.append(token) }
            } catch {
                standardError("mjn: what \(operation.cid) signs was not given: \(error.message)")
                return targets
            }
        }
        return targets
    }
}
