import ArgumentParser

/// The book, as accountants read it.
struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Reads, verifies and exports the book.",
        discussion: """
            Works beside a running node. Amounts are minor units for scripts, decimals of the currency on a terminal.

            Example: mjn ledger balances --at 2026-03-31
            Example: mjn ledger verify && mjn ledger export --format hledger | hledger -f - balance
            """,
        subcommands: [
            LedgerBalances.self, LedgerEntries.self, LedgerStatement.self, LedgerTrialBalance.self, LedgerVerify.self,
            LedgerExport.self, LedgerFund.self,
        ])
}
