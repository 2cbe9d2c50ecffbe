import Cryptography
import Kernel
import ProofChain

/// Public keys that commands take: a JWK file, a `did:imajin:` that is a key, or a multibase text.
enum KeyArgument {
    /// - Throws: exit code 65 when it is none of them.
    static func publicKey(_ text: String) throws(CLIFailure) -> Ed25519PublicKey {
        if text.hasPrefix("did:") {
            guard let key = (try? DID(text))?.publicKey else {
                throw CLIFailure(
                    "\(text) is no DID that is a key", fix: "give did:imajin: and the key, or the key's JWK file",
                    exitCode: ExitStatus.badInput)
            }
            return key
        }
        if let key = try? Multikey.decode(text) { return key }
        do {
            return try JWK.decodePublic(try KeyFile.contents(text))
        } catch let failure as CLIFailure {
            throw failure
        } catch {
            throw CLIFailure(
                "\(text) is not an Ed25519 key: \((error as? CryptographyError)?.code ?? "\(error)")",
                fix: "give a JWK file, private or public, or a did:imajin: that is a key",
                exitCode: ExitStatus.badInput)
        }
    }

    /// Several, each once, in order.
    static func publicKeys(_ texts: [String]) throws(CLIFailure) -> [Ed25519PublicKey] {
        var keys: [Ed25519PublicKey] = []
        for text in texts {
            let key = try publicKey(text)
            if !keys.contains(key) { keys.append(key) }
        }
        return keys
    }
}
