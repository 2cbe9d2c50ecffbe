import ArgumentParser

/// Identities whose keys can change.
struct ChainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chain",
        abstract: "Identities whose keys can change: DFOS identity chains, in files and on a relay.",
        discussion: """
            A did:imajin: is a key, for ever. A chain is a signed history of keys, one operation after the other, that \
            begins with that key: afterwards the name stays, and the keys behind it can be replaced when one is lost \
            or stolen. The file holds no secret. Keep a copy of it, and publish it.

            Example: mjn chain create --key me.jwk --out me.chain.json && mjn chain publish me.chain.json
            Example: mjn chain rotate me.chain.json --key me.jwk --new me2.jwk --make
            """,
        subcommands: [
            ChainCreate.self, ChainUpdate.self, ChainRotate.self, ChainVerify.self, ChainShow.self, ChainPublish.self,
            ChainDelete.self, ChainRestore.self, ChainAnchor.self,
        ])
}

/// How one result is written.
enum ResultFormat: String, ExpressibleByArgument, CaseIterable {
    /// Lines for people.
    case table
    /// One JSON value.
    case json
}

/// The `--format` of commands with one result.
struct ResultFormatOptions: ParsableArguments {
    @Option(help: "table or json; by default a table on a terminal, else json.")
    var format: ResultFormat?

    /// What was asked for, or what suits where the output goes.
    var chosen: ResultFormat { format ?? (Terminal.isOutput ? .table : .json) }
}
