import ArgumentParser
import Cryptography
import Kernel
import ProofChain
import Service

/// `mjn chain verify`.
struct ChainVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks identity chains, operation by operation: form, order, keys, signatures.",
        discussion: """
            Offline, by the rules of DFOS protocol v1. Exits 1 when a chain is invalid, and names the reason and the \
            operation, from 0.

            Example: mjn chain verify me.chain.json
            Example: mjn chain verify me.chain.json --format json
            """)

    @Argument(help: "The chains: JSON arrays of tokens; - reads standard input.")
    var files: [String]

    @OptionGroup var output: ResultFormatOptions

    func validate() throws {
        if files.isEmpty { throw ValidationError("give a chain's file, or - for standard input") }
    }

    func run() throws {
        let verdicts = try files.map { try ChainVerdict(file: $0) }
        switch output.chosen {
        case .table:
            for verdict in verdicts { try verdict.lines(.output).forEach { try StandardOutput.line($0) } }
        case .json:
            var json = JSONWriter()
            if files.count > 1 { json.beginArray() }
            for verdict in verdicts { verdict.write(to: &json, named: files.count > 1) }
            if files.count > 1 { json.endArray() }
            try StandardOutput.write(json.bytes + [UInt8(ascii: "\n")])
        }
        for verdict in verdicts { verdict.message.map(standardError) }
        if verdicts.contains(where: { !$0.isValid }) { throw ExitCode(ExitStatus.failed) }
    }
}

/// What came of verifying one chain.
struct ChainVerdict {
    let file: String
    let result: Result<IdentityChain, any Error>

    var isValid: Bool { if case .success = result { true } else { false } }

    /// - Throws: exit code 65 when there is no file to verify.
    init(file: String) throws(CLIFailure) {
        self.file = file
        let bytes = try InputFile.read(file, bytesMax: ChainFile.bytesMax)
        result = Result { try IdentityChain(verifying: try ChainFile.tokens(bytes)) }
    }

    /// For standard error; nil when there is nothing to say.
    var message: String? {
        switch result {
        case .success(let chain):
            let last = chain.state.lastCreatedAt
            guard last.millisecondsSinceEpoch > SystemClock.milliseconds() else { return nil }
            return "mjn: \(InputFile.name(file)): the last operation is dated ahead of this machine's clock: \(last)"
        case .failure(let error):
            let (code, reason) = ChainFile.describe(error)
            return Style.error.red("mjn:")
                + " \(InputFile.name(file)) is invalid: \(code): \(Terminal.printable(reason))"
        }
    }

    func write(to json: inout JSONWriter, named: Bool) {
        json.beginObject()
        if named { json.field("file", file) }
        json.field("valid", isValid)
        switch result {
        case .success(let chain):
            json.field("did", chain.state.did.string)
            json.field("head_cid", chain.state.headCID)
            json.field("deleted", chain.state.isDeleted)
            json.field("operations", chain.state.operationCount)
            json.field("binds", chain.boundDID?.string)
        case .failure(let error):
            let (code, reason) = ChainFile.describe(error)
            json.field("code", code)
            json.field("reason", reason)
            if let index = (error as? ProofError)?.index { json.field("operation", index) }
        }
        json.endObject()
    }

    func lines(_ style: Style) -> [String] {
        switch result {
        case .success(let chain):
            let state = chain.state
            let count = "\(state.operationCount) operation\(state.operationCount == 1 ? "" : "s")"
            return [
                style.green("✓ valid  ") + " " + style.bold(InputFile.name(file)),
                "  identity  \(state.did)\(state.isDeleted ? style.yellow("  deleted") : "")",
                "  binds     \(chain.boundDID?.string ?? "nothing")",
                "  head      \(state.headCID)",
                style.dim("  \(count), the last at \(state.lastCreatedAt)"),
            ]
        case .failure(let error):
            let (code, reason) = ChainFile.describe(error)
            return [
                style.red("✗ invalid") + " " + style.bold(InputFile.name(file)), "  code      \(code)",
                "  reason    \(Terminal.printable(reason))",
            ]
        }
    }
}
