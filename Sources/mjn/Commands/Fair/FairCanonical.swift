import ArgumentParser
import Cryptography
import Kernel

/// `mjn fair canonical`.
struct FairCanonical: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canonical",
        abstract: "Prints the bytes that a manifest's signatures cover (RFC 8785), and nothing else.",
        discussion: """
            Without a line end, so that they can be hashed or signed as they are.

            Example: mjn fair canonical song.json | sha256sum
            """)

    @Argument(help: "The manifest; - reads standard input.")
    var file: String

    func run() throws {
        try StandardOutput.write(Manifest.signedBytes(of: try FairObject.read(file)))
        if Terminal.isOutput { try StandardOutput.line() }
    }
}

/// `mjn fair cid`.
struct FairCID: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cid",
        abstract: "Prints a manifest's CID; signatures do not change it.",
        discussion: "Example: mjn fair cid song.json")

    @Argument(help: "The manifest; - reads standard input.")
    var file: String

    func run() throws {
        try StandardOutput.line(Manifest.cid(of: try FairObject.read(file)).string)
    }
}

/// A JSON object that may become a manifest.
private enum FairObject {
    static func read(_ file: String) throws(CLIFailure) -> JSONValue {
        let value = try InputFile.json(file).root
        guard value.kind == .object else {
            throw CLIFailure(
                "\(InputFile.name(file)) is not a JSON object", fix: "give a manifest", exitCode: ExitStatus.badInput)
        }
        return value
    }
}
