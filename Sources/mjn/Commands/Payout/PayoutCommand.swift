import ArgumentParser
import Kernel
import LedgerStore
import Settlement

/// Money that leaves.
struct PayoutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payout",
        abstract: "Pays payees out, and looks after payouts.",
        discussion: """
            A node that serves pays out by itself, as each payee's policy says. These commands are for what it cannot \
            decide.

            Example: mjn payout run --dry-run
            Example: mjn payout list --status failed,stopped
            """,
        subcommands: [PayoutRun.self, PayoutList.self, PayoutShow.self, PayoutRetry.self, PayoutCancel.self])
}

/// `mjn payout list`.
struct PayoutList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Payouts, newest first.",
        discussion: "Example: mjn payout list --status failed,stopped --rail stripe --format csv")

    @OptionGroup var node: NodeOptions

    @Option(help: "Only those that are held, sending, sent, paid, failed, stopped or cancelled; comma-separated.")
    var status: StatusList<Payout.Status>?

    @OptionGroup var which: LifecycleListOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let (which, statuses) = (which, status?.names ?? [])
        var listing = Listing(PayoutRow.columns, format: output.chosen)
        try await withLedger(node, isReadOnly: true) { session in
            let filter = which.filter(.payout, statuses: statuses)
            try await Lifecycles.forEach(filter, limit: which.limit, session) { row in
                guard which.includes(row), case .payout(let payout) = row.lifecycle else { return false }
                try listing.add(PayoutRow.cells(payout, row))
                return true
            }
        }
        try listing.finish(empty: "mjn: no payout")
    }
}

/// `mjn payout show`.
struct PayoutShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One payout with its life, event by event.",
        discussion: "Example: mjn payout show po_… --format json")

    @OptionGroup var node: NodeOptions

    @Argument(help: "The payout, po_….")
    var id: String

    @OptionGroup var output: FormatOptions

    func run() async throws {
        let id = id
        let found = try await withLedger(node, isReadOnly: true) { try await Lifecycles.find(id, .payout, $0) }
        try Lifecycles.show(found, output.chosen)
    }
}

/// `mjn payout retry`.
struct PayoutRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Holds a failed or stopped payout's money once more; the node tries it at once.",
        discussion: """
            It goes where it was to go. Where that was the mistake, cancel it: the payee's policy makes a new one.

            Example: mjn payout retry po_… --reason "the payee opened the account again"
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "The payout, po_….")
    var id: String

    @OptionGroup var why: ReasonOption

    func run() async throws {
        let (id, reason) = (id, why.reason)
        let reply = try await withLedger(node) { session in
            let found = try await Lifecycles.find(id, .payout, session)
            return try await Lifecycles.act(.payout(.retried), on: found.row, reason: reason, session)
        }
        try StandardOutput.write(reply + [UInt8(ascii: "\n")])
    }
}

/// `mjn payout cancel`.
struct PayoutCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Calls a payout off that is not on its way; the money stays in the payee's balance.",
        discussion: """
            A payout that was sent cannot be called off: the rail may have paid it.

            Example: mjn payout cancel po_… --reason "wrong account"
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "The payout, po_….")
    var id: String

    @OptionGroup var why: ReasonOption

    func run() async throws {
        let (id, reason) = (id, why.reason)
        let reply = try await withLedger(node) { session in
            let found = try await Lifecycles.find(id, .payout, session)
            return try await Lifecycles.act(.payout(.cancelled(reason: reason)), on: found.row, reason: reason, session)
        }
        try StandardOutput.write(reply + [UInt8(ascii: "\n")])
    }
}

/// Payouts as rows.
enum PayoutRow {
    static let columns: [Listing.Column] = [
        .init(name: "id"), .init(name: "created_at", isHidden: true), .init(name: "did", isElastic: true),
        .init(name: "rail"), .init(name: "destination", isHidden: true), .init(name: "currency", isHidden: true),
        .init(name: "amount", isRight: true), .init(name: "status"), .init(name: "tries", isRight: true),
        .init(name: "rail_reference", isHidden: true), .init(name: "creator", isHidden: true),
        .init(name: "reason"), .init(name: "due_at", title: "next"),
    ]

    static func cells(_ payout: Payout, _ row: LifecycleRow) -> [Cell] {
        [
            .text(payout.id), Lifecycles.cell(row.madeAtMs), .text(payout.payee), .text(payout.rail.rawValue),
            .text(payout.destination), .text(payout.currency),
            .money(Int128(payout.amountMinor), currency: payout.currency), .text(payout.status.rawValue),
            .int(Int64(payout.tries)), payout.reference.isEmpty ? .null : .text(payout.reference),
            .text(payout.creator), Lifecycles.cell(payout.refusal), Lifecycles.cell(payout.dueAtMs),
        ]
    }
}
