import ArgumentParser
import Cryptography
import Foundation
import ProofChain
import Service

/// `mjn chain rotate`.
struct ChainRotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Puts a new key in the place of an old one, in every role that it has.",
        discussion: """
            From then on the old key speaks for the identity no more; the DIDs stay what they are. The old key signs \
            its own replacement. Where it is lost, name it by its DID, and sign with another controller's key \
            (--signer). The new key must be at hand, so that nobody is locked out by a typing error.

            Publish the chain right afterwards: a thief who has the old key can do the same, and relays keep what \
            comes first.

            Example: mjn chain rotate me.chain.json --key me.jwk --new me2.jwk --make
            Example: mjn chain rotate me.chain.json --key did:imajin:… --signer spare.jwk --new me2.jwk --make
            """)

    @Argument(help: "The chain's file; the operation is added to it.")
    var file: String

    @Option(help: "The old key, a private JWK file; with --signer a public one or a DID will do.")
    var key: String

    @Option(help: "The new key, a private JWK file.")
    var new: String

    @Flag(help: "Make the new key first, and write it to that file, mode 0600.")
    var make = false

    @Option(help: "The private key of another controller that signs this, where the old key cannot.")
    var signer: String?

    @OptionGroup var output: ResultFormatOptions

    func run() throws {
        let signingPath = signer ?? key
        let signingKey = try KeyFile.readPrivate(signingPath)
        let old = try signer.map { _ in try KeyArgument.publicKey(key) } ?? signingKey.publicKey
        if make, access(new, F_OK) == 0 {
            throw CLIFailure(
                "\(new) exists, and no key is written over", fix: "choose another path, or leave --make away to use it")
        }
        if !make, access(new, F_OK) != 0 {
            throw CLIFailure(
                "there is no key \(new)", fix: "add --make to have it made", exitCode: ExitStatus.badInput)
        }
        let replacement = make ? Ed25519PrivateKey() : try KeyFile.readPrivate(new)
        var isKeyMade = false
        let longer: IdentityChain
        do {
            longer = try ChainFile.update(file) { chain in
                let rotated = try rotated(chain, old, replacement.publicKey, signingKey, signingPath)
                // The key is on disk before the chain says so: never a chain whose key nobody has.
                if make { try KeyFile.writePrivate(replacement, to: new) }
                isKeyMade = make
                return rotated
            }
        } catch {
            if isKeyMade { unlink(new) }
            throw error
        }
        try ChainReport(chain: longer, file: file, done: "key rotated: now \(DID(publicKey: replacement.publicKey))")
            .write(output.chosen)
    }

    private func rotated(
        _ chain: IdentityChain, _ old: Ed25519PublicKey, _ new: Ed25519PublicKey, _ signingKey: Ed25519PrivateKey,
        _ signingPath: String
    ) throws(CLIFailure) -> IdentityChain {
        guard old != new else {
            throw CLIFailure(
                "the new key is the old one", fix: "make another one with --make", exitCode: ExitStatus.badInput)
        }
        guard chain.currentName(of: old) != nil else {
            throw CLIFailure(
                "\(DID(publicKey: old)) is no key of \(chain.state.did) now", fix: "see: mjn chain show \(file)",
                exitCode: ExitStatus.badInput)
        }
        let controller = try ControllerKey(signingKey, of: chain, named: signingPath)
        let entry = chain.entry(for: new)
        func replaced(_ keys: [Multikey]) -> [Multikey] {
            guard let place = keys.firstIndex(where: { $0.isKey(old) }) else { return keys }
            let isThere = keys.contains { $0.isKey(new) }
            return keys.enumerated().compactMap { index, key in
                guard key.isKey(old) else { return key }
                return index == place && !isThere ? entry : nil
            }
        }
        let keys = KeySet(
            auth: replaced(chain.state.keys.auth), assert: replaced(chain.state.keys.assert),
            controller: replaced(chain.state.keys.controller))
        let createdAt = try chain.nextCreatedAt(nowMs: SystemClock.milliseconds())
        do throws(ProofError) {
            return try chain.appending(
                try controller.signer(for: chain).updateIdentity(
                    previous: chain.state.headCID, keys: keys, services: chain.state.services, createdAt: createdAt))
        } catch {
            throw CLIFailure(refused: error)
        }
    }
}
