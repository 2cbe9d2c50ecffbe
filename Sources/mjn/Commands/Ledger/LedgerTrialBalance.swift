import ArgumentParser
import Kernel
import LedgerStore

/// `mjn ledger trial-balance`.
struct LedgerTrialBalance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trial-balance",
        abstract: "Debits and credits per currency and kind of account; both sides must be equal.",
        discussion: """
            Exits 70 when they are not.

            Example: mjn ledger trial-balance --at 2026-03-31
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var moment: MomentOptions
    @OptionGroup var output: FormatOptions

    private static let columns: [Listing.Column] = [
        .init(name: "currency"), .init(name: "class"), .init(name: "kind"), .init(name: "accounts", isRight: true),
        .init(name: "debits", isRight: true), .init(name: "credits", isRight: true),
        .init(name: "balance", isRight: true),
    ]

    func run() async throws {
        let moment = moment.moment
        let lines = try await withLedger(node, isReadOnly: true) { try await $0.store.trialBalance(at: moment) }
        var listing = Listing(Self.columns, format: output.chosen)
        var unequal: [String] = []
        for (currency, group) in Dictionary(grouping: lines, by: \.currency).sorted(by: { $0.key < $1.key }) {
            for line in group { try listing.add(row(line)) }
            let debits = group.reduce(Int128(0)) { $0 + $1.debits }
            let credits = group.reduce(Int128(0)) { $0 + $1.credits }
            if debits != credits { unequal.append("\(currency) by \(debits - credits)") }
            if output.chosen == .table {
                try listing.add([
                    .text(currency), .text("total"), .text(debits == credits ? "✓ equal" : "✗ unequal"), .text(""),
                    .money(debits, currency: currency), .money(credits, currency: currency), .text(""),
                ])
            }
        }
        try listing.finish(empty: "mjn: no account has moved yet")
        if !unequal.isEmpty {
            throw CLIFailure(
                "debits and credits differ: \(unequal.joined(separator: ", "))",
                fix: "stop the node, and run: mjn ledger verify", exitCode: ExitStatus.integrity)
        }
    }

    private func row(_ line: TrialBalanceLine) -> [Cell] {
        let accountClass = line.kind.accountClass
        let balance = accountClass.isDebitNormal ? line.debits - line.credits : line.credits - line.debits
        return [
            .text(line.currency), .text(accountClass.rawValue), .text(line.kind.rawValue), .int(line.accounts),
            .money(line.debits, currency: line.currency), .money(line.credits, currency: line.currency),
            .money(balance, currency: line.currency),
        ]
    }
}
