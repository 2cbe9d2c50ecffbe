import ArgumentParser
import Cryptography
import ProofChain
import Service

/// `mjn chain update`.
struct ChainUpdate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Changes the keys of roles, or the services, of an identity.",
        discussion: """
            An update on a chain replaces everything: all three lists of keys, and all services. This command writes \
            such a whole: the lists that you name replace those of the same name, each as a whole, and the others are \
            carried over from the chain's head. So to add a service, name the old ones too. For one key in the place \
            of another, see mjn chain rotate.

            Example: mjn chain update me.chain.json --key me.jwk --controller-key me.jwk --controller-key spare.pub.jwk
            Example: mjn chain update me.chain.json --key me.jwk --service id=relay,type=DfosRelay,endpoint=https://…
            """)

    @Argument(help: "The chain's file; the operation is added to it.")
    var file: String

    @Option(help: "A controller's private key, a JWK file.")
    var key: String

    @OptionGroup var parts: ChainPartOptions

    @Flag(name: .customLong("no-auth-keys"), help: "Leave no key that signs requests.")
    var noAuthKeys = false

    @Flag(name: .customLong("no-assert-keys"), help: "Leave no key that signs statements.")
    var noAssertKeys = false

    @Flag(name: .customLong("no-services"), help: "Leave no service.")
    var noServices = false

    @Flag(name: .customLong("hand-over"), help: "Let --key cease to be a controller: it can change nothing afterwards.")
    var handOver = false

    @OptionGroup var output: ResultFormatOptions

    func validate() throws {
        guard !parts.isEmpty || noAuthKeys || noAssertKeys || noServices else {
            throw ValidationError("name what changes: keys of a role, services, or --no-services")
        }
        let contradictions = [
            ("auth-keys", noAuthKeys && !parts.authKeys.isEmpty), ("services", noServices && !parts.services.isEmpty),
            ("assert-keys", noAssertKeys && !parts.assertKeys.isEmpty),
        ]
        for (name, isContradiction) in contradictions where isContradiction {
            throw ValidationError("--no-\(name) contradicts what is named for it")
        }
    }

    func run() throws {
        let privateKey = try KeyFile.readPrivate(key)
        let longer = try ChainFile.update(file) { chain in
            let controller = try ControllerKey(privateKey, of: chain, named: key)
            let named = try parts.keys(over: chain.state.keys) { chain.entry(for: $0) }
            let keys = KeySet(
                auth: noAuthKeys ? [] : named.auth, assert: noAssertKeys ? [] : named.assert,
                controller: named.controller)
            let services = noServices ? [] : try parts.services(over: chain.state.services)
            guard handOver || keys.controller.contains(where: { $0.isKey(privateKey.publicKey) }) else {
                throw CLIFailure(
                    "\(key) would cease to be a controller, and could not take this back",
                    fix: "name it with --controller-key too, or give --hand-over", exitCode: ExitStatus.usage)
            }
            guard keys != chain.state.keys || services != chain.state.services else {
                throw CLIFailure("that is what the chain says already", fix: "see: mjn chain show \(file)")
            }
            let createdAt = try chain.nextCreatedAt(nowMs: SystemClock.milliseconds())
            do throws(ProofError) {
                return try chain.appending(
                    try controller.signer(for: chain).updateIdentity(
                        previous: chain.state.headCID, keys: keys, services: services, createdAt: createdAt))
            } catch {
                throw CLIFailure(refused: error)
            }
        }
        try ChainReport(chain: longer, file: file, done: "identity updated").write(output.chosen)
    }
}
