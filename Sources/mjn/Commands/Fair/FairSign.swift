import ArgumentParser
import Cryptography
import Foundation
import Kernel
import Service

/// `mjn fair sign`.
struct FairSign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Signs a manifest, and prints it whole, in canonical form.",
        discussion: """
            The owner signs, or without one a contributor. A signature covers the canonical JSON without the \
            signatures, so that a platform may endorse a manifest later: that changes neither its CID nor the first \
            signature.

            Example: mjn fair sign song.json --key me.jwk > song.fair.json
            Example: mjn fair sign song.fair.json --key platform.jwk --platform
            """)

    @Argument(help: "The manifest; - reads standard input.")
    var file: String

    @Option(help: "The private key, a JWK file.")
    var key: String

    @Flag(help: "Endorse as a platform: put in platformSignature.")
    var platform = false

    @Option(help: "The DID to sign for, where it is not the key's own: after a rotation.")
    var signer: DID?

    func run() throws {
        let document = try InputFile.json(file)
        let privateKey = try KeyFile.readPrivate(key)
        let signed: [UInt8]
        do throws(ManifestError) {
            _ = try Manifest.parse(document.root)
            signed = try ManifestSigner.sign(
                document.root, key: privateKey, signer: signer, as: platform ? .platform : .author,
                signedAt: Timestamp.text(ofMilliseconds: SystemClock.milliseconds()))
        } catch {
            throw CLIFailure(
                "\(InputFile.name(file)) cannot be signed: \(error.code): \(error.reason)", fix: "correct the file",
                exitCode: ExitStatus.badInput)
        }
        warnAboutStranger(signed)
        try StandardOutput.write(signed + [UInt8(ascii: "\n")])
    }

    /// A signature by somebody who has no part in the work is made all the same: an owner may have let them sign.
    private func warnAboutStranger(_ signed: [UInt8]) {
        guard !platform, let manifest = try? Manifest.parse(JSONDocument(parsing: signed).root) else { return }
        do throws(ManifestError) {
            _ = try ManifestVerifier.verify(manifest, resolving: { _ in nil })
        } catch .signerNotParty(let did) {
            standardError(
                "mjn: \(did) is neither the owner nor a contributor: nodes refuse this, unless it may sign for them")
        } catch {
            // Anything else, such as a link that is not at hand, is for `fair verify` to say.
        }
    }
}
