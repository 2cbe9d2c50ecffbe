import Cryptography
import Kernel
import LedgerStore
import Settlement

/// What `mjn rail status` shows.
struct RailReportPage: Sendable {
    /// One rail.
    struct RailLine: Sendable {
        let name: RailName
        /// Why it is off; `nil`: it is on.
        let offReason: String?
        /// Why it did not answer; `nil`: it did, or was not asked.
        var silence: String?
        var balances: [BalanceLine] = []
    }

    /// One rail's money in one currency, minor units.
    struct BalanceLine: Sendable {
        let currency: String
        var atRailMinor: Int64?
        var availableMinor: Int64?
        var ledgerMinor: Int64 = 0
        /// Held for payouts and refunds.
        var inFlightMinor: Int64 = 0
    }

    let rails: [RailLine]
    let counts: [LifecycleCount]
    let backlog: RailBacklog
    let nowMs: Int64

    /// Asks the book, and the rails that are on.
    static func read(_ rails: NodeRails, _ session: LedgerSession) async throws -> RailReportPage {
        let nowMs = session.clock()
        let counts = try await session.store.lifecycleCounts()
        let clearing = try await session.store.bookAccounts().filter { $0.key.kind == .clearing }
        let known = Set(counts.map(\.rail) + clearing.map(\.key.detail)).compactMap { RailName(rawValue: $0) }
        let names = Set(known).union(rails.on.map(\.name)).union(rails.off.keys)
        var lines: [RailLine] = []
        for name in names.sorted(by: { $0.rawValue < $1.rawValue }) {
            let adapter = rails.on.first { $0.name == name }
            var line = RailLine(
                name: name, offReason: adapter == nil ? rails.off[name] ?? "its settings are missing" : nil)
            var balances: [String: BalanceLine] = [:]
            for account in clearing where account.key.detail == name.rawValue {
                let currency = account.key.currency
                balances[currency] = BalanceLine(
                    currency: currency, ledgerMinor: account.counters.balance(.asset),
                    inFlightMinor: account.counters.pendingCredits)
            }
            do throws(RailListFailure) {
                for balance in try await adapter?.balances() ?? [] {
                    let before = balances[balance.currency] ?? BalanceLine(currency: balance.currency)
                    var line = before
                    (line.atRailMinor, line.availableMinor) = (balance.totalMinor, balance.availableMinor)
                    balances[balance.currency] = line
                }
            } catch {
                line.silence = error.reason
            }
            line.balances = balances.values.sorted { $0.currency < $1.currency }
            lines.append(line)
        }
        return RailReportPage(
            rails: lines, counts: counts, backlog: try await session.store.railBacklog(nowMs: nowMs), nowMs: nowMs)
    }

    func write(_ format: ListFormat) throws {
        switch format {
        case .json: try StandardOutput.write(json() + [UInt8(ascii: "\n")])
        case .csv, .jsonl: try writeBalances(format)
        case .table:
            try writeBalances(.table)
            if !counts.isEmpty {
                try StandardOutput.line("")
                try writeCounts()
            }
            try StandardOutput.line("")
            for line in waiting { try StandardOutput.line(line) }
        }
    }

    private func writeBalances(_ format: ListFormat) throws {
        var listing = Listing(
            [
                .init(name: "rail"), .init(name: "state"), .init(name: "currency"),
                .init(name: "at_rail", isRight: true), .init(name: "available", isRight: true),
                .init(name: "ledger", isRight: true), .init(name: "difference", isRight: true),
                .init(name: "in_flight", isRight: true), .init(name: "reason", isElastic: true),
            ], format: format)
        for rail in rails {
            let state = rail.offReason != nil ? "off" : rail.silence != nil ? "no answer" : "on"
            let reason: Cell = (rail.offReason ?? rail.silence).map { .text($0) } ?? .null
            if rail.balances.isEmpty {
                let unknown = [Cell](repeating: .null, count: 6)
                try listing.add([.text(rail.name.rawValue), .text(state)] + unknown + [reason])
            }
            for line in rail.balances {
                func money(_ minor: Int64?) -> Cell {
                    minor.map { .money(Int128($0), currency: line.currency) } ?? .null
                }
                let difference = line.atRailMinor.map { Int128($0) - Int128(line.ledgerMinor) }
                try listing.add([
                    .text(rail.name.rawValue), .text(state), .text(line.currency), money(line.atRailMinor),
                    money(line.availableMinor), money(line.ledgerMinor),
                    difference.map { .money($0, currency: line.currency) } ?? .null, money(line.inFlightMinor), reason,
                ])
            }
        }
        try listing.finish()
    }

    private func writeCounts() throws {
        var listing = Listing(
            [
                .init(name: "rail"), .init(name: "kind"), .init(name: "status"), .init(name: "count", isRight: true),
                .init(name: "sum", isRight: true), .init(name: "next_due", isElastic: true),
            ], format: .table)
        for count in counts {
            try listing.add([
                count.rail.isEmpty ? .null : .text(count.rail), .text(count.kind), .text(count.status),
                .int(count.count),
                count.currency.isEmpty ? .null : .money(count.amountMinor, currency: count.currency),
                Lifecycles.cell(count.oldestDueAtMs),
            ])
        }
        try listing.finish()
    }

    /// What waits, in sentences.
    private var waiting: [String] {
        let style = Style.output
        var lines: [String] = []
        func say(_ count: Int64, _ what: String, _ see: String) {
            if count > 0 { lines.append(style.yellow("! \(count) \(what)") + "  → \(see)") }
        }
        say(backlog.suspendedPayments, "payments in suspense", "mjn payment list --status suspended --unspent")
        say(backlog.failedRefunds, "payments that a refund left", "mjn payment list --status settled --unspent")
        say(backlog.stoppedPayouts, "payouts that stopped", "mjn payout list --status stopped")
        say(backlog.openDisputes, "open disputes", "answer them at the rail")
        let age = backlog.oldestDueAtMs.map { ", the oldest for \(max(0, nowMs - $0) / 1000) s" } ?? ""
        lines.append("\(backlog.dueCount) due now\(age)")
        return lines
    }
}
