import ArgumentParser
import Cryptography
import Foundation
import ProofChain

/// `mjn chain show`.
struct ChainShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows an identity: its operations, its keys now and before, its services.",
        discussion: """
            From a file, or by its did:dfos: from a relay; what a relay answers is verified, and that it is the \
            identity that was asked for. With --out the chain is kept in a file: that is how a lost one comes back.

            With --did it shows what this node holds of a did:imajin: in its own copy: the chain that is bound, whose \
            keys count, and whether another chain claims it.

            Example: mjn chain show me.chain.json
            Example: mjn chain show --did did:imajin:…
            Example: mjn chain show did:dfos:… --relay https://registry.example/relay --out me.chain.json
            """)

    @Argument(help: "The chain's file, - for standard input, or a did:dfos: to ask a relay for.")
    var identity: String?

    @Option(help: "A did:imajin: to look up in this node's copy, in the place of a chain.")
    var did: DID?

    @OptionGroup var node: NodeOptions

    @Option(help: "A file to keep the chain in.")
    var out: String?

    @Flag(help: "Write over a file that exists: the chain in it is lost.")
    var force = false

    @OptionGroup var relay: RelayOptions

    @OptionGroup var output: ResultFormatOptions

    func validate() throws {
        guard (identity == nil) != (did == nil) else { throw ValidationError("give a chain, or --did DID") }
        guard did == nil || out == nil else { throw ValidationError("--out keeps a chain, not what --did shows") }
    }

    func run() async throws {
        if let did { return try write(try await BoundDIDReport.read(did, node)) }
        let identity = identity ?? "-"
        let chain = identity.hasPrefix("did:") ? try await fetched(identity) : try ChainFile.read(identity)
        if let out {
            let text = ChainFile.text(chain.tokens)
            if force { try AtomicFile.replace(out, with: text) } else { try AtomicFile.create(out, text) }
        }
        let story = try ChainStory(chain)
        switch output.chosen {
        case .json: try StandardOutput.write(story.json + [UInt8(ascii: "\n")])
        case .table:
            for line in story.lines(.output, width: Terminal.isOutput ? Terminal.columns : nil) {
                try StandardOutput.line(line)
            }
        }
    }

    private func write(_ report: BoundDIDReport) throws {
        switch output.chosen {
        case .json: try StandardOutput.write(report.json + [UInt8(ascii: "\n")])
        case .table: for line in report.lines(.output) { try StandardOutput.line(line) }
        }
    }

    private func fetched(_ identity: String) async throws(CLIFailure) -> IdentityChain {
        guard let did = try? DFOSDID(identity) else {
            throw CLIFailure(
                "\(identity) is no did:dfos:, which a relay could be asked for",
                fix: "give the did:dfos: that mjn chain create printed, or the chain's file",
                exitCode: ExitStatus.usage)
        }
        let client = try relay.client()
        guard let chain = try await client.chain(of: did) else {
            throw CLIFailure("\(client.base) does not know \(did)", fix: "publish it with: mjn chain publish FILE")
        }
        return chain
    }
}

extension RelayClient {
    /// An identity's chain, verified to be that identity's; nil when the relay does not know it.
    /// - Throws: exit code 1 when the relay's log is no valid chain of that identity, and as ``submit(_:)`` does.
    func chain(of did: DFOSDID) async throws(CLIFailure) -> IdentityChain? {
        guard let tokens = try await log(of: did) else { return nil }
        do throws(ProofError) {
            let chain = try IdentityChain(verifying: tokens)
            guard chain.state.did == did else { throw ProofError(.identityMismatch, chain.state.did.string) }
            return chain
        } catch {
            throw CLIFailure(
                "what \(base) holds of \(did) is not valid: \(error.code.rawValue): "
                    + Terminal.printable(error.reason),
                fix: "ask another relay with --relay; believe nothing else that this one says of the identity")
        }
    }
}
