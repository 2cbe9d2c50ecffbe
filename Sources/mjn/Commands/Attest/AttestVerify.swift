import ArgumentParser
import Cryptography
import Kernel
import ProofChain
import Service

/// `mjn attest verify`.
struct AttestVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks statements: form, CID, signature, and that the key was in force when they were made.",
        discussion: """
            A statement is a compact token: what a node attests of its settlements, or an artifact, countersignature, \
            credential or revocation of DFOS protocol v1. The keys come from the chains given, else from the relay, \
            which is asked for what is missing. A node's attestation whose issuer has no chain at hand is checked \
            under the key that the issuer's DID is, which a rotation may have retired since: give the chain.

            A countersignature that is given together with what it signs makes a bilateral record, where the witness \
            is the one whom the statement is about. Exits 1 when a statement is invalid, and names the reason.

            Example: mjn attest verify settled.jws --chain node.chain.json
            Example: mjn attest verify statement.jws received.jws --chain a.chain.json --chain b.chain.json
            """)

    @Argument(help: "Files with tokens, one a line, or a JSON array of them; - reads standard input.")
    var files: [String]

    @Option(help: "An identity's chain, from a file; may be given again.")
    var chain: [String] = []

    @Option(help: "As of this time (RFC 3339): for credentials, which hold for a time. By default now.")
    var at: TimeArgument?

    @OptionGroup var relay: RelayOptions

    @OptionGroup var output: ResultFormatOptions

    func validate() throws {
        if files.isEmpty { throw ValidationError("give a file with a token, or - for standard input") }
    }

    func run() async throws {
        var tokens: [(file: String, token: String)] = []
        for file in files {
            for token in try TokenFile.tokens(file) { tokens.append((file, token)) }
        }
        let nowMs = at?.ms ?? SystemClock.milliseconds()
        let chains = try chain.map { try ChainFile.read($0) }
        var sources = StatementSources(
            verifier: StatementVerifier(chains: chains, nowSeconds: nowMs / 1000), relay: try relay.clientIfAny())
        let targets = try await sources.complete(for: tokens.map(\.token))
        let record = Record(tokens, targets: targets, verifier: sources.verifier)
        try RecordReport(record: record, areNamed: tokens.count > 1).write(output.chosen)
        for item in record.items {
            guard case .failure(let error) = item.result else { continue }
            standardError(
                Style.error.red("mjn:") + " \(InputFile.name(item.file)) is invalid: \(error.code): "
                    + Terminal.printable(error.reason))
        }
        if record.items.contains(where: { $0.statement == nil }) { throw ExitCode(ExitStatus.failed) }
    }
}

/// Tokens at rest: one a line, a JSON array of them, or what a relay answers about one.
enum TokenFile {
    /// Tokens that are verified together.
    static let tokensMax = 1000

    /// - Throws: exit code 65 when there is none in it.
    static func tokens(_ path: String) throws(CLIFailure) -> [String] {
        let bytes = try InputFile.read(path)
        let tokens: [String]
        switch bytes.first(where: { !isSpace($0) }) {
        case UInt8(ascii: "["):
            do throws(ChainFile.FormError) {
                tokens = try ChainFile.tokens(bytes)
            } catch {
                throw CLIFailure(
                    "\(InputFile.name(path)) is no list of tokens: \(error.reason)", fix: "correct the file",
                    exitCode: ExitStatus.badInput)
            }
        case UInt8(ascii: "{"):
            let root = try InputFile.json(path, bytes).root
            tokens = [root["jwsToken"]?.string ?? root["token"]?.string].compactMap { $0 }
        default: tokens = bytes.split(whereSeparator: isSpace).map { String(decoding: $0, as: UTF8.self) }
        }
        guard !tokens.isEmpty, tokens.count <= tokensMax else {
            throw CLIFailure(
                "\(InputFile.name(path)) holds \(tokens.isEmpty ? "no token" : "more than \(tokensMax) tokens")",
                fix: "give a file with a token in compact form: three parts with dots between them",
                exitCode: ExitStatus.badInput)
        }
        return tokens
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
