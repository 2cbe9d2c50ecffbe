import ArgumentParser
import Cryptography
import Foundation
import ProofChain
import Service

/// `mjn chain create`.
struct ChainCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Begins an identity with a key, and prints its DIDs.",
        discussion: """
            The key signs the beginning, and thereby proves that it is there: the identity binds the key's \
            did:imajin:. By default the one key has all three roles: auth (signs requests), assert (signs statements), \
            controller (changes the identity). A role that is named gets the keys that are named for it; the key \
            itself always is a controller. A second controller key, kept elsewhere, is what saves the identity when \
            the first one is lost.

            Keys are named by a JWK file, private or public, by a did:imajin:, or in multibase.

            Example: mjn chain create --key me.jwk --out me.chain.json
            Example: mjn chain create --key me.jwk --controller-key spare.pub.jwk --out me.chain.json
            """)

    @Option(help: "The private key to begin with, a JWK file.")
    var key: String

    @OptionGroup var parts: ChainPartOptions

    @Option(help: "The chain's file to write.")
    var out: String

    @Flag(help: "Write over a file that exists: the chain in it is lost.")
    var force = false

    @OptionGroup var output: ResultFormatOptions

    func run() throws {
        let privateKey = try KeyFile.readPrivate(key)
        let first = Multikey(privateKey.publicKey)
        let initial = KeySet(all: first)
        let others = try KeyArgument.publicKeys(parts.controllerKeys).filter { $0 != privateKey.publicKey }
        let named = try parts.keys(over: initial) { Multikey($0) }
        let keys = KeySet(auth: named.auth, assert: named.assert, controller: [first] + others.map { Multikey($0) })
        let services = try parts.services(over: [])
        let chain: IdentityChain
        do throws(ProofError) {
            let createdAt = try ProofChain.Timestamp(millisecondsSinceEpoch: SystemClock.milliseconds())
            let genesis = try OperationSigner.createIdentity(
                keys: keys, services: services, createdAt: createdAt, keyID: first.id,
                privateKey: privateKey)
            chain = try IdentityChain(verifying: [genesis.token])
        } catch {
            throw CLIFailure(refused: error)
        }
        if force {
            try AtomicFile.replace(out, with: ChainFile.text(chain.tokens))
        } else {
            try AtomicFile.create(out, ChainFile.text(chain.tokens))
        }
        try ChainReport(chain: chain, file: out, done: "identity created").write(output.chosen)
        if keys.controller.count == 1 {
            standardError("mjn: \(key) is the only controller: whoever loses it can never change this identity")
        }
    }
}

/// The parts of an identity that commands set.
struct ChainPartOptions: ParsableArguments {
    @Option(name: .customLong("auth-key"), help: "A key that signs requests: JWK file or DID; may be given again.")
    var authKeys: [String] = []

    @Option(name: .customLong("assert-key"), help: "A key that signs statements; may be given again.")
    var assertKeys: [String] = []

    @Option(name: .customLong("controller-key"), help: "A key that changes the identity; may be given again.")
    var controllerKeys: [String] = []

    @Option(
        name: .customLong("service"),
        help: "An entry of services: id=relay,type=DfosRelay,endpoint=https://…, or a JSON object; may be given again.")
    var services: [String] = []

    /// Whether any part is named.
    var isEmpty: Bool { authKeys.isEmpty && assertKeys.isEmpty && controllerKeys.isEmpty && services.isEmpty }

    /// The roles that are named, with the keys that are named for them; the other roles as they were.
    func keys(over old: KeySet, _ entry: (Ed25519PublicKey) -> Multikey) throws(CLIFailure) -> KeySet {
        func list(_ texts: [String], _ kept: [Multikey]) throws(CLIFailure) -> [Multikey] {
            texts.isEmpty ? kept : try KeyArgument.publicKeys(texts).map(entry)
        }
        return KeySet(
            auth: try list(authKeys, old.auth), assert: try list(assertKeys, old.assert),
            controller: try list(controllerKeys, old.controller))
    }

    /// The services that are named; without any, those that were there.
    func services(over old: [ServiceEntry]) throws(CLIFailure) -> [ServiceEntry] {
        guard !services.isEmpty else { return old }
        var entries: [ServiceEntry] = []
        for text in services { entries.append(try ServiceArgument.entry(text)) }
        return entries
    }
}
