import Kernel
import LedgerDouble
import LedgerStore
import PostgresClient
import Settlement
import Testing

@Suite("The verifier, of payments, payouts, refunds, disputes and escrows")
struct LifecycleVerifierTests {
    /// A book in which everything happened that rails do, proven clean.
    private func prepared() async throws -> OpenBook {
        let book = try await OpenBook.make()
        let (store, pool) = try await book.open()
        for promise in LedgerStoreConformance.railCases {
            let broken = try await promise.check(store, prefix: "v")
            #expect(broken == [], "\(promise)")
        }
        await store.close()
        await pool.close()
        let report = try book.verify()
        #expect(report.findings == [])
        #expect(report.lifecycles > 20)
        return book
    }

    /// Changes one field of the state of a lifecycle.
    private static func state(_ id: String, _ kind: String, _ field: String, _ json: String) -> String {
        """
        UPDATE lifecycles SET state = jsonb_set(state, '{\(kind),_0,\(field)}', '\(json)') WHERE lifecycle_id = '\(id)'
        """
    }

    /// Changes one event of a lifecycle.
    private static func event(_ id: String, _ version: Int, _ change: String) -> String {
        "UPDATE lifecycle_events SET \(change) WHERE lifecycle_id = '\(id)' AND version = \(version)"
    }

    /// A way to tamper, and what must be found.
    struct Way: Sendable, CustomStringConvertible {
        let sql: String
        let code: Finding.Code
        var description: String { sql }

        init(_ code: Finding.Code, _ sql: String...) {
            self.code = code
            self.sql = sql.joined(separator: ";\n")
        }
    }

    private static let ways: [Way] = rows + lives + money + links

    /// Rows that are not what their state is.
    private static let rows: [Way] = [
        Way(.lifecycleMismatch, "UPDATE lifecycles SET status = 'paid' WHERE lifecycle_id = 'po_v-once'"),
        Way(.lifecycleMismatch, "UPDATE lifecycles SET owner = 'did:imajin:soft:eve' WHERE lifecycle_id = 'po_v-out'"),
        Way(.lifecycleMismatch, "UPDATE lifecycles SET due_at_ms = NULL WHERE lifecycle_id = 'po_v-once'"),
        Way(.lifecycleMismatch, "UPDATE lifecycles SET reference = 'tr_eve' WHERE lifecycle_id = 'po_v-out'"),
        Way(.lifecycleMismatch, "UPDATE lifecycles SET parent = 'pay_v-fx' WHERE lifecycle_id = 'rrf_v-in'"),
        Way(.lifecycleMismatch, "UPDATE lifecycles SET kind = 'payout' WHERE lifecycle_id = 'pay_v-in'"),
        Way(.lifecycleMismatch, "UPDATE lifecycles SET state = '{}' WHERE lifecycle_id = 'pay_v-in'"),
    ]

    /// Lives that do not lead to where the rows are.
    private static let lives: [Way] = [
        Way(.lifecycleMismatch, "UPDATE lifecycles SET version = version + 1 WHERE lifecycle_id = 'po_v-out'"),
        Way(.lifecycleMismatch, "UPDATE lifecycles SET changed_at_ms = 0 WHERE lifecycle_id = 'po_v-out'"),
        Way(.lifecycleMismatch, event("po_v-once", 2, "status = 'paid'")),
        Way(.causeMissing, "DELETE FROM lifecycle_events WHERE lifecycle_id = 'po_v-out' AND version = 3"),
        Way(.causeMissing, "DELETE FROM lifecycles WHERE lifecycle_id = 'po_v-once'"),
        Way(
            .causeMissing, "DELETE FROM lifecycles WHERE lifecycle_id = 'esc_v-esc'",
            "DELETE FROM lifecycle_events WHERE lifecycle_id = 'esc_v-esc'"),
        Way(.causeMissing, event("po_v-once", 2, "seq = seq + 1")),
        Way(.causeMissing, event("po_v-once", 2, "name = 'payout_paid'")),
        Way(.causeMissing, event("po_v-out", 3, "time_ms = 0")),
        Way(.causeMissing, event("pay_v-in", 7, "lifecycle_id = 'pay_v-fx', version = 9")),
    ]

    /// Money that stands in no account, or in another one.
    private static let money: [Way] = [
        Way(.balanceUnexplained, state("pay_v-in", "payment", "unspentMinor", "1")),
        Way(.balanceUnexplained, state("pay_v-sus-stuck", "payment", "isSuspended", "false")),
        Way(
            .balanceUnexplained, state("po_v-once", "payout", "amountMinor", "61"),
            "UPDATE lifecycles SET amount = 61 WHERE lifecycle_id = 'po_v-once'"),
        Way(
            .balanceUnexplained, state("po_v-once", "payout", "status", "\"cancelled\""),
            "UPDATE lifecycles SET status = 'cancelled' WHERE lifecycle_id = 'po_v-once'",
            event("po_v-once", 2, "status = 'cancelled'")),
        Way(
            .balanceUnexplained, state("rrf_v-in", "refund", "status", "\"sent\""),
            "UPDATE lifecycles SET status = 'sent' WHERE lifecycle_id = 'rrf_v-in'",
            event("rrf_v-in", 4, "status = 'sent'")),
        Way(.balanceUnexplained, state("dsp_dp_pay_v-lost-2", "dispute", "chargedBackMinor", "999")),
        Way(.balanceUnexplained, state("esc_v-esc", "escrow", "releasedMinor", "199")),
        Way(.balanceUnexplained, state("esc_v-esc", "escrow", "releasedMinor", "-9223372036854775808")),
    ]

    /// What belongs together and does not.
    private static let links: [Way] = [
        Way(.lifecycleMismatch, state("pay_v-in", "payment", "settlementID", "\"stl_none\"")),
        Way(.lifecycleMismatch, state("pay_v-in", "payment", "settlementID", "\"\"")),
        Way(.lifecycleMismatch, state("pay_v-fx", "payment", "settlementID", "\"stl_v-in-settle\"")),
        Way(.lifecycleMismatch, state("pay_v-in", "payment", "returnedMinor", "400")),
        Way(.lifecycleMismatch, "DELETE FROM settlements WHERE settlement_id = 'stl_v-in-settle'"),
    ]

    @Test("finds what was changed behind the ledger's back", arguments: ways)
    func tampering(_ way: Way) async throws {
        let book = try await prepared()
        try book.tamper(way.sql)
        let report = try book.verify()
        #expect(report.findings.contains { $0.code == way.code }, "\(report.findings)")
    }
}
