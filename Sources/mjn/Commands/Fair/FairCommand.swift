import ArgumentParser
import Cryptography
import Kernel

/// Manifests: who made a work, and in which proportion.
struct FairCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fair",
        abstract: "Signs, verifies and splits .fair manifests, offline.",
        discussion: """
            Example: mjn fair sign song.json --key me.jwk > song.fair.json
            Example: mjn fair split song.fair.json --amount 10000 --currency USD
            """,
        subcommands: [FairSign.self, FairVerify.self, FairSplit.self, FairCanonical.self, FairCID.self])
}

/// Manifests that a chain refers to, from files.
struct ChainOptions: ParsableArguments {
    @Option(
        name: .customLong("with"),
        help: "A manifest that a chain refers to (fair:<cid>, context.derivedFrom); may be given again.")
    var with: [String] = []

    /// The manifests by CID.
    /// - Throws: exit code 65 for a file that holds none.
    func manifests() throws(CLIFailure) -> [CID: Manifest] {
        var byCID: [CID: Manifest] = [:]
        for path in with {
            let document = try InputFile.json(path)
            do throws(ManifestError) {
                let manifest = try Manifest.parse(document.root)
                byCID[manifest.cid] = manifest
            } catch {
                throw CLIFailure(
                    "\(InputFile.name(path)) is no manifest: \(error.reason)", fix: "correct the file",
                    exitCode: ExitStatus.badInput)
            }
        }
        return byCID
    }
}
