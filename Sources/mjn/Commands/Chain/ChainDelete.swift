import ArgumentParser
import Cryptography
import ProofChain
import Service

/// What `delete` and `restore` take.
struct ChainEndOptions: ParsableArguments {
    @Argument(help: "The chain's file; the operation is added to it.")
    var file: String

    @Option(help: "A controller's private key, a JWK file.")
    var key: String

    @OptionGroup var output: ResultFormatOptions

    func append(
        _ done: String, _ make: (OperationSigner, CID, ProofChain.Timestamp) throws(ProofError) -> SignedOperation
    ) throws {
        let privateKey = try KeyFile.readPrivate(key)
        let longer = try ChainFile.update(file) { chain in
            let controller = try ControllerKey(privateKey, of: chain, named: key)
            let createdAt = try chain.nextCreatedAt(nowMs: SystemClock.milliseconds())
            do throws(ProofError) {
                return try chain.appending(
                    try make(controller.signer(for: chain), chain.state.headCID, createdAt))
            } catch {
                throw CLIFailure(refused: error)
            }
        }
        try ChainReport(chain: longer, file: file, done: done).write(output.chosen)
    }
}

/// `mjn chain delete`.
struct ChainDelete: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Ends an identity: no key speaks for it, until a controller restores it.",
        discussion: """
            It stops a thief's key at once where no new key is at hand. Keys and services stay noted, and a \
            controller's key can restore the identity.

            Example: mjn chain delete me.chain.json --key me.jwk
            """)

    @OptionGroup var options: ChainEndOptions

    func run() throws {
        try options.append("identity deleted") { signer, head, createdAt throws(ProofError) in
            try signer.deleteIdentity(previous: head, createdAt: createdAt)
        }
    }
}

/// `mjn chain restore`.
struct ChainRestore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Takes a delete back: the identity is as it was before.",
        discussion: "Example: mjn chain restore me.chain.json --key me.jwk")

    @OptionGroup var options: ChainEndOptions

    func run() throws {
        try options.append("identity restored") { signer, head, createdAt throws(ProofError) in
            try signer.restoreIdentity(previous: head, createdAt: createdAt)
        }
    }
}
