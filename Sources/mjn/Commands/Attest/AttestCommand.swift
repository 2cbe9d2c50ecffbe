import ArgumentParser

/// What nodes and identities state about others.
struct AttestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Checks signed statements: attestations of nodes, artifacts, countersignatures, credentials.",
        discussion: "Example: mjn attest verify settled.jws --chain node.chain.json",
        subcommands: [AttestVerify.self])
}
