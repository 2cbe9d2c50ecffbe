import ArgumentParser
import Cryptography
import Kernel
import LedgerStore

/// `mjn ledger balances`.
struct LedgerBalances: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balances",
        abstract: "Every account with its four counters and its balance, now or at some moment.",
        discussion: """
            A balance stands on its account's normal side: what the node owes is positive for a cash account.

            Example: mjn ledger balances --did did:imajin:… --at 2026-03-31T12:00:00Z
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var moment: MomentOptions

    @Option(help: "Only the accounts of this DID.")
    var did: DID?

    @OptionGroup var output: FormatOptions

    private static let columns: [Listing.Column] = [
        .init(name: "account", isElastic: true), .init(name: "kind", isHidden: true),
        .init(name: "owner", isHidden: true), .init(name: "currency", isHidden: true),
        .init(name: "posted_debits", title: "debits", isRight: true),
        .init(name: "posted_credits", title: "credits", isRight: true),
        .init(name: "pending_debits", title: "held", isRight: true),
        .init(name: "pending_credits", isHidden: true), .init(name: "balance", isRight: true),
    ]

    func run() async throws {
        let moment = moment.moment
        let did = did
        let accounts = try await withLedger(node, isReadOnly: true) { try await $0.store.accounts(at: moment, of: did) }
        var listing = Listing(Self.columns, format: output.chosen)
        for account in accounts {
            let key = account.key
            let counters = account.counters
            func money(_ minor: Int64) -> Cell { .money(Int128(minor), currency: key.currency) }
            try listing.add([
                .text(key.name), .text(key.kind.rawValue), key.owner.isEmpty ? .null : .text(key.owner),
                .text(key.currency), money(counters.postedDebits), money(counters.postedCredits),
                money(counters.pendingDebits), money(counters.pendingCredits), money(account.balanceMinor),
            ])
        }
        try listing.finish(empty: "mjn: no account has moved yet")
    }
}
