import Cryptography
import Foundation
import Kernel
import LedgerDouble
import LedgerStore
import Logging
import PostgresClient
import Settlement
import Testing

/// The book of a running node, opened by a second process: what it asks for, the node decides.
struct RailBook: Sendable {
    let store: PostgresLedgerStore
    private let pool: PostgresPool

    /// Runs a test on a node's book.
    static func with(_ node: TestNode, _ body: (RailBook) async throws -> Void) async throws {
        let database = PostgresLedgerStore.Configuration.inSchema(
            try PostgresConfiguration(databaseURL: node.databaseURL))
        let pool = PostgresPool(database, size: 1)
        let identity = try #require(try await PostgresLedgerStore.book(1, in: pool))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let store = try await PostgresLedgerStore(
            PostgresLedgerStore.Configuration(
                database: database, book: identity, holder: "cli-test-\(UUID().uuidString)",
                clock: { Self.nowMs }, logger: logger),
            pool: pool)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(RailBook(store: store, pool: pool)))
        } catch {
            result = .failure(error)
        }
        await store.close()
        await pool.close()
        try result.get()
    }

    static var nowMs: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    func run(_ command: Command) async throws {
        let outcome = try await store.submit([command], atomically: false)[0].outcome
        #expect(outcome.isDone, "\(String(decoding: outcome.body, as: UTF8.self))")
    }

    /// Takes a step. The node's own loop may have been faster with another: then again, from where it stands now.
    func step(_ step: LifecycleStep, _ id: String) async throws {
        for _ in 0..<20 {
            let row = try #require(try await store.lifecycle(id)?.row)
            let command = LifecycleCommands.step(step, of: row)
            let outcome = try await store.submit([command], atomically: false)[0].outcome
            if outcome.isDone { return }
            #expect(outcome.code == "state_conflict", "\(String(decoding: outcome.body, as: UTF8.self))")
        }
        Issue.record("\(id) keeps changing")
    }

    /// A payout that failed three times.
    func stoppedPayout(_ key: String, _ payee: DID, _ amountMinor: Int64) async throws -> String {
        let payout = RailCommands.payout(key, to: payee, amountMinor, nowMs: Self.nowMs)
        try await run(RailCommands.open(.openPayout(payout), payout.id, of: payee))
        for number in 0..<3 {
            if number > 0 { try await step(.payout(.retried), payout.id) }
            try await step(.payout(.refused(RailCommands.declined)), payout.id)
        }
        return payout.id
    }

    /// A payment that arrived; less than was asked for stands in suspense.
    func payment(
        _ key: String, _ payer: DID, _ amountMinor: Int64, arrived: Int64,
        _ change: (inout RailFacts) -> Void = { _ in }
    ) async throws -> String {
        let payment = RailCommands.payment(key, payer: payer, amountMinor)
        var facts = RailCommands.facts(.done, "cs_\(key)", arrived, feeMinor: 30)
        change(&facts)
        try await run(RailCommands.open(.openPayment(payment), payment.id, of: payer))
        try await step(.payment(.observed(facts)), payment.id)
        return payment.id
    }
}
