import ArgumentParser
import Cryptography
import Kernel
import LedgerStore
import Settlement

/// How people want to be paid out.
struct PayeeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payee",
        abstract: "How people want to be paid out, as they said it.",
        discussion: """
            Only the person changes it, by a signed request (PUT /api/payees/{did}); a change is in force after \
            MJN_PAYEE_CHANGE_HOURS.

            Example: mjn payee show did:imajin:…
            """,
        subcommands: [PayeeShow.self, PayeeList.self])
}

/// `mjn payee show`.
struct PayeeShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One person's policy, what is to follow it, and when.",
        discussion: "Example: mjn payee show did:imajin:… --format json")

    @OptionGroup var node: NodeOptions

    @Argument(help: "Whose.")
    var did: DID

    @OptionGroup var output: FormatOptions

    func run() async throws {
        let id = Payee.id(did.string)
        let found = try await withLedger(node, isReadOnly: true) { try await Lifecycles.find(id, .payee, $0) }
        try Lifecycles.show(found, output.chosen)
    }
}

/// `mjn payee list`.
struct PayeeList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "All who said how they want to be paid out.",
        discussion: "Example: mjn payee list --format csv")

    @OptionGroup var node: NodeOptions

    @Option(help: "At most this many.")
    var limit = 1000

    @OptionGroup var output: FormatOptions

    private static let columns: [Listing.Column] = [
        .init(name: "did", isElastic: true), .init(name: "status"), .init(name: "schedule"),
        .init(name: "destinations"), .init(name: "next_run_at", title: "next"), .init(name: "change_at"),
    ]

    func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit is 1 to 1000000") }
    }

    func run() async throws {
        let limit = limit
        var listing = Listing(Self.columns, format: output.chosen)
        try await withLedger(node, isReadOnly: true) { session in
            try await Lifecycles.forEach(LifecycleFilter(kind: .payee, limit: 1), limit: limit, session) { row in
                guard case .payee(let payee) = row.lifecycle else { return false }
                let policy = payee.policy(at: session.clock())
                let places = policy?.destinations.map { "\($0.rail):\($0.currency):\($0.address)" } ?? []
                try listing.add([
                    .text(payee.did), .text(row.lifecycle.facts.status),
                    policy.map { .text($0.schedule.rawValue) } ?? .null, places.isEmpty ? .null : .texts(places),
                    Lifecycles.cell(payee.nextRunAtMs), Lifecycles.cell(payee.effectiveAtMs),
                ])
                return true
            }
        }
        try listing.finish(empty: "mjn: nobody has said how to be paid out")
    }
}
