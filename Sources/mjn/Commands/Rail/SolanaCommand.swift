import ArgumentParser
import Cryptography
import Foundation
import Kernel
import LedgerStore
import Pay
import Settlement
import Solana

/// `mjn rail solana`.
struct SolanaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "solana",
        abstract: "The treasury on Solana: what it has, what payers sent, and single transactions.",
        discussion: "Example: mjn rail solana balance",
        subcommands: [SolanaBalance.self, SolanaSync.self, SolanaShow.self, SolanaRotateTreasury.self])
}

/// Runs a body with the Solana rail and the book.
/// - Throws: exit code 69 where the rail is off here.
private func withSolana<T: Sendable>(
    _ node: NodeOptions, isReadOnly: Bool, _ body: (SolanaRail, NodeRails, LedgerSession) async throws -> T
) async throws -> T {
    try await withRails(node, isReadOnly: isReadOnly) { rails, session in
        guard let solana = rails.solana else {
            throw CLIFailure(
                "the rail solana is off here: \(rails.off[.solana] ?? "its settings are missing")",
                fix: "set the rail's settings as the node has them", exitCode: ExitStatus.unavailable)
        }
        return try await body(solana.rail, rails, session)
    }
}

extension CLIFailure {
    fileprivate static func silent(_ failure: RailListFailure) -> CLIFailure {
        CLIFailure(
            "no Solana node answers: \(failure.reason)", fix: "try again, or check MJN_SOLANA_RPC_URL",
            exitCode: ExitStatus.unavailable)
    }
}

/// `mjn rail solana balance`.
struct SolanaBalance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "What the treasury has, final, beside the ledger's clearing accounts.",
        discussion: """
            Plain SOL, for `fees`, pays for transactions; the book counts what was spent of it. What former treasuries \
            still have of a token is counted with it. Exits 70 when a token differs while nothing is under way.

            Example: mjn rail solana balance --format json
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOptions

    /// One line.
    private struct Line: Sendable {
        let currency: String
        /// `fees` or `payments`: SOL may be both.
        let use: String
        let account: SolanaAddress
        let chainMinor: Int128
        var ledgerMinor: Int64?
        var inFlightMinor: Int64?
        let trouble: String?

        var differenceMinor: Int128? { ledgerMinor.map { chainMinor - Int128($0) } }
        /// What nothing under way explains.
        var isBroken: Bool { differenceMinor.map { $0 != 0 } ?? false && inFlightMinor == 0 }
    }

    func run() async throws {
        let lines = try await withSolana(node, isReadOnly: true) { rail, _, session in
            let treasury: SolanaTreasury
            do throws(RailListFailure) { treasury = try await rail.treasury(.finalized) } catch {
                throw CLIFailure.silent(error)
            }
            let clearing = try await session.store.bookAccounts().filter {
                $0.key.kind == .clearing && $0.key.detail == RailName.solana.rawValue
            }
            let fees = Line(
                currency: Currency.sol.code, use: "fees", account: treasury.address,
                chainMinor: Int128(treasury.lamports),
                trouble: treasury.lamports < SolanaTreasury.lamportsLow ? "low: send SOL for fees" : nil)
            return [fees]
                + treasury.holdings.map { holding in
                    let account = clearing.first { $0.key.currency == holding.currency }
                    return Line(
                        currency: holding.currency, use: "payments", account: holding.account,
                        chainMinor: Int128(holding.amountMinor) + Int128(holding.formerMinor),
                        ledgerMinor: account?.counters.balance(.asset) ?? 0,
                        inFlightMinor: account?.counters.pendingCredits ?? 0, trouble: holding.trouble)
                }
        }
        try write(lines)
        let broken = lines.filter(\.isBroken).map(\.currency)
        guard broken.isEmpty else {
            throw CLIFailure(
                "chain and ledger differ in \(broken.joined(separator: ", "))",
                fix: "mjn rail solana sync, then see ops/solana.md", exitCode: ExitStatus.integrity)
        }
    }

    private func write(_ lines: [Line]) throws {
        var listing = Listing(
            [
                .init(name: "currency"), .init(name: "use"), .init(name: "account", isElastic: true),
                .init(name: "chain", isRight: true), .init(name: "ledger", isRight: true),
                .init(name: "difference", isRight: true),
                .init(name: "in_flight", isRight: true), .init(name: "trouble", isElastic: true),
            ], format: output.chosen)
        for line in lines {
            func money(_ minor: Int128?) -> Cell { minor.map { .money($0, currency: line.currency) } ?? .null }
            try listing.add([
                .text(line.currency), .text(line.use), .text(line.account.description), money(line.chainMinor),
                money(line.ledgerMinor.map { Int128($0) }), money(line.differenceMinor),
                money(line.inFlightMinor.map { Int128($0) }), line.trouble.map { .text($0) } ?? .null,
            ])
        }
        try listing.finish()
    }
}

/// `mjn rail solana sync`.
struct SolanaSync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Reads now what payers sent, as the node does every two seconds.",
        discussion: """
            Works beside a running node; what is found twice is booked once. Payments are settled by the node. Exits \
            69 when the reading stopped before the end, or a transaction cannot be read.

            Example: mjn rail solana sync --format json
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let outcome = try await withSolana(node, isReadOnly: false) { rail, rails, session in
            let log = RailLog(logger: quietLogger(), clock: session.clock)
            let worker = RailWorker(
                ledger: session.store, rails: rails.on, settling: SettlesNothing(), clock: session.clock,
                makeID: { $0 + ULID.text(nowMs: session.clock()) }, report: { log.write($0) })
            let watcher = SolanaWatcher(
                rail: rail, ledger: session.store, worker: worker, positions: session.store, clock: session.clock)
            return try await watcher.pass()
        }
        var listing = Listing(
            [
                .init(name: "applied", isRight: true), .init(name: "ignored", isRight: true),
                .init(name: "accounts_made", isRight: true), .init(name: "unread", isRight: true),
                .init(name: "stopped", isElastic: true),
            ], format: output.chosen)
        let reason = outcome.stopped ?? outcome.unread.first.map { "cannot be read: \($0)" }
        try listing.add([
            .int(Int64(outcome.applied)), .int(Int64(outcome.ignored)), .int(Int64(outcome.openings)),
            .int(Int64(outcome.unread.count)), reason.map { .text($0) } ?? .null,
        ])
        try listing.finish()
        if let stopped = reason {
            throw CLIFailure(
                "the reading stopped: \(stopped)", fix: "try again; it goes on from there",
                exitCode: ExitStatus.unavailable)
        }
    }
}

/// `mjn rail solana show`.
struct SolanaShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One transaction: whether it landed, what it moved, and what the book made of it.",
        discussion: "Example: mjn rail solana show 5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnb…")

    @OptionGroup var node: NodeOptions

    @Argument(help: "The transaction's signature.", transform: SolanaShow.signature)
    var signature: SolanaSignature

    @OptionGroup var output: FormatOptions

    private static func signature(_ text: String) throws -> SolanaSignature {
        guard let signature = SolanaSignature(text) else { throw ValidationError("\(text) is no signature") }
        return signature
    }

    func run() async throws {
        let report = try await withSolana(node, isReadOnly: true) { rail, _, session in
            let found: SolanaMovementReport?
            do throws(RailListFailure) { found = try await rail.report(on: signature) } catch {
                throw CLIFailure.silent(error)
            }
            guard let found else {
                throw CLIFailure("no node knows \(signature)", fix: "it never landed, or is not confirmed yet")
            }
            return (found, try await Self.lifecycles(of: found, session))
        }
        try write(report.0, report.1)
    }

    /// What the book has under the transaction: payments by it, payouts that it makes, what it cost the node.
    private static func lifecycles(
        of report: SolanaMovementReport, _ session: LedgerSession
    ) async throws(LedgerFailure) -> [String] {
        var ids: [String] = []
        for currency in Set(report.changes.compactMap(\.currency)).sorted() {
            let id = Arrival.id(.solana, report.signature.description, currency)
            if case .arrival(let arrival)? = try await session.store.lifecycle(id)?.row.lifecycle {
                ids.append(arrival.paymentID)
            }
        }
        return ids
            + (try await session.store.lifecycles(rail: .solana, reference: report.signature.description)).map(\.id)
    }

    private func write(_ report: SolanaMovementReport, _ ids: [String]) throws {
        let state = report.failure.map { "failed: \($0)" } ?? "carried out"
        switch output.chosen {
        case .json: try StandardOutput.write(json(report, ids) + [UInt8(ascii: "\n")])
        case .csv, .jsonl: try writeChanges(report, output.chosen)
        case .table:
            for (name, value) in [
                ("signature", report.signature.description), ("state", "\(state), \(report.commitment)"),
                ("slot", "\(report.slot)"), ("fee", "\(report.feeLamports) lamports"),
                ("memo", report.memo ?? "none"), ("in the book", ids.isEmpty ? "nothing" : ids.joined(separator: ", ")),
            ] {
                try StandardOutput.line(name.padding(toLength: 13, withPad: " ", startingAt: 0) + value)
            }
            if !report.changes.isEmpty {
                try StandardOutput.line("")
                try writeChanges(report, .table)
            }
        }
    }

    private func writeChanges(_ report: SolanaMovementReport, _ format: ListFormat) throws {
        var listing = Listing(
            [
                .init(name: "owner", isElastic: true), .init(name: "currency"), .init(name: "mint", isHidden: true),
                .init(name: "change", isRight: true),
            ], format: format)
        for change in report.changes {
            let amount: Cell =
                change.currency.map { .money(change.changeMinor, currency: $0) }
                ?? .text("\(change.changeMinor)")
            try listing.add([
                .text(change.owner.description), .text(change.currency ?? "other"), .text(change.mint.description),
                amount,
            ])
        }
        try listing.finish()
    }

    private func json(_ report: SolanaMovementReport, _ ids: [String]) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("signature", report.signature.description)
        json.field("commitment", "\(report.commitment)")
        json.field("failure", report.failure)
        json.field("slot", report.slot)
        json.field("fee_lamports", report.feeLamports)
        json.field("memo", report.memo)
        json.array("lifecycles") { json in for id in ids { json.string(id) } }
        json.array("changes") { json in
            for change in report.changes {
                json.beginObject()
                json.field("owner", change.owner.description)
                json.field("mint", change.mint.description)
                json.field("currency", change.currency)
                json.field("change", raw: Array("\(change.changeMinor)".utf8))
                json.endObject()
            }
        }
        json.endObject()
        return json.bytes
    }
}
