import ArgumentParser
import Kernel
import LedgerStore
import Settlement

/// Money that comes in.
struct PaymentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payment",
        abstract: "Payments by rails: where each stands, and what to do with money that waits.",
        discussion: """
            Example: mjn payment list --status suspended
            Example: mjn payment assign pay_… --to did:imajin:… --reason "paid twice, keeps it as balance"
            """,
        subcommands: [PaymentList.self, PaymentShow.self, PaymentRefund.self, PaymentAssign.self])
}

/// `mjn payment list`.
struct PaymentList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Payments, newest first.",
        discussion: """
            Example: mjn payment list --unspent --format csv
            Example: mjn payment list --status suspended --did did:imajin:…
            """)

    @OptionGroup var node: NodeOptions

    @Option(
        help: "Only opening, pending, failed, cancelled, received, settled or suspended ones; comma-separated.")
    var status: StatusList<Payment.Status>?

    @Flag(help: "Only those with money that arrived and is neither spent nor on its way back.")
    var unspent = false

    @OptionGroup var which: LifecycleListOptions
    @OptionGroup var output: FormatOptions

    private static let columns: [Listing.Column] = [
        .init(name: "id"), .init(name: "created_at", isHidden: true), .init(name: "payer", isElastic: true),
        .init(name: "creator", isHidden: true), .init(name: "rail"), .init(name: "currency", isHidden: true),
        .init(name: "amount", isRight: true), .init(name: "received", isRight: true),
        .init(name: "unspent", isRight: true), .init(name: "status"), .init(name: "settlement", isHidden: true),
        .init(name: "rail_reference", isHidden: true), .init(name: "reason"),
    ]

    func run() async throws {
        let (which, statuses, unspent) = (which, status?.names ?? [], unspent)
        var listing = Listing(Self.columns, format: output.chosen)
        try await withLedger(node, isReadOnly: true) { session in
            try await Lifecycles.forEach(which.filter(.payment, statuses: statuses), limit: which.limit, session) {
                guard which.includes($0), case .payment(let payment) = $0.lifecycle,
                    !unspent || payment.unspentMinor > 0
                else { return false }
                func money(_ minor: Int64) -> Cell { .money(Int128(minor), currency: payment.currency) }
                func text(_ text: String) -> Cell { text.isEmpty ? .null : .text(text) }
                try listing.add([
                    .text(payment.id), Lifecycles.cell($0.madeAtMs), .text(payment.payer), .text(payment.creator),
                    .text(payment.rail.rawValue), .text(payment.currency), money(payment.amountMinor),
                    money(payment.receivedMinor), money(payment.unspentMinor), .text(payment.status.rawValue),
                    text(payment.settlementID), text(payment.reference), Lifecycles.cell(payment.refusal),
                ])
                return true
            }
        }
        try listing.finish(empty: "mjn: no payment")
    }
}

/// `mjn payment show`.
struct PaymentShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One payment with its life, event by event.",
        discussion: "Example: mjn payment show pay_… --format json")

    @OptionGroup var node: NodeOptions

    @Argument(help: "The payment, pay_….")
    var id: String

    @OptionGroup var output: FormatOptions

    func run() async throws {
        let id = id
        let found = try await withLedger(node, isReadOnly: true) { try await Lifecycles.find(id, .payment, $0) }
        try Lifecycles.show(found, output.chosen)
    }
}
