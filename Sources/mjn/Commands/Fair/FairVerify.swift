import ArgumentParser
import Cryptography
import Kernel

/// `mjn fair verify`.
struct FairVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks manifests: form, signatures, weights, and everything they refer to.",
        discussion: """
            Exits 1 when a manifest is invalid, and names the reason by the code that a node answers with.

            Example: mjn fair verify song.fair.json
            Example: mjn fair verify remix.fair.json --with song.fair.json --format json
            """)

    /// How a verdict is written.
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    @Argument(help: "The manifests; - reads standard input.")
    var files: [String]

    @OptionGroup var chain: ChainOptions

    @Option(help: "table or json; by default a table on a terminal, else json. Several files make an array.")
    var format: Format?

    func validate() throws {
        if files.isEmpty { throw ValidationError("give a manifest's file, or - for standard input") }
    }

    func run() throws {
        let known = try chain.manifests()
        let verdicts = try files.map { try Verdict(file: $0, known: known) }
        switch format ?? (Terminal.isOutput ? .table : .json) {
        case .table:
            for verdict in verdicts { try verdict.lines(.output).forEach { try StandardOutput.line($0) } }
        case .json:
            var json = JSONWriter()
            if files.count > 1 { json.beginArray() }
            for verdict in verdicts { verdict.write(to: &json, named: files.count > 1) }
            if files.count > 1 { json.endArray() }
            try StandardOutput.write(json.bytes + [UInt8(ascii: "\n")])
        }
        let invalid = verdicts.filter { !$0.isValid }
        for verdict in invalid { standardError(verdict.message) }
        if !invalid.isEmpty { throw ExitCode(ExitStatus.failed) }
    }
}

/// What came of verifying one file.
struct Verdict {
    let file: String
    let result: Result<VerifiedManifest, ManifestError>

    var isValid: Bool { if case .success = result { true } else { false } }

    /// - Throws: exit code 65 when there is no file to verify.
    init(file: String, known: [CID: Manifest]) throws(CLIFailure) {
        self.file = file
        let bytes = try InputFile.read(file)
        result = Self.verify(bytes, known)
    }

    private static func verify(_ bytes: [UInt8], _ known: [CID: Manifest]) -> Result<VerifiedManifest, ManifestError> {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: bytes)
        } catch {
            return .failure(.malformed("it is not JSON as it should be: \(InputFile.describe(error))"))
        }
        do throws(ManifestError) {
            let manifest = try Manifest.parse(document.root)
            return .success(try ManifestVerifier.verify(manifest, resolving: { known[$0] }))
        } catch {
            return .failure(error)
        }
    }

    /// For standard error.
    var message: String {
        guard case .failure(let error) = result else { return "" }
        return Style.error.red("mjn:") + " \(InputFile.name(file)) is invalid: \(error.code): \(error.reason)"
    }

    func write(to json: inout JSONWriter, named: Bool) {
        json.beginObject()
        if named { json.field("file", file) }
        json.field("valid", isValid)
        switch result {
        case .success(let verified):
            json.field("cid", verified.cid)
            json.field("signer", verified.signer)
            json.field("platform", verified.platform?.string)
            json.field("chain", verified.chain.map(\.string))
        case .failure(let error):
            json.field("code", error.code)
            json.field("reason", error.reason)
        }
        json.endObject()
    }

    func lines(_ style: Style) -> [String] {
        switch result {
        case .success(let verified):
            var lines = [style.green("✓ valid  ") + " " + style.bold(InputFile.name(file))]
            lines.append("  cid       \(verified.cid)")
            lines.append("  signer    \(verified.signer)")
            lines.append("  platform  \(verified.platform?.string ?? "none")")
            for link in verified.chain.dropFirst() { lines.append("  chain     \(link)") }
            return lines
        case .failure(let error):
            return [
                style.red("✗ invalid") + " " + style.bold(InputFile.name(file)), "  code      \(error.code)",
                "  reason    \(error.reason)",
            ]
        }
    }
}
