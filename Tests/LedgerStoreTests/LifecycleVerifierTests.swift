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
    private static func set(_ id: String, _ kind: String, _ field: String, _ json: String) -> String {
        "UPDATE lifecycles SET state = jsonb_set(state, '{\(kind),_0,\(field)}', '\(json)') "
            + "WHERE lifecycle_id = '\(id)';"
    }

    private static let ways: [(String, Finding.Code)] = [
        // Rows that are not what their state is.
        ("UPDATE lifecycles SET status = 'paid' WHERE lifecycle_id = 'po_v-once'", .lifecycleMismatch),
        ("UPDATE lifecycles SET owner = 'did:imajin:soft:eve' WHERE lifecycle_id = 'po_v-out'", .lifecycleMismatch),
        ("UPDATE lifecycles SET due_at_ms = NULL WHERE lifecycle_id = 'po_v-once'", .lifecycleMismatch),
        ("UPDATE lifecycles SET reference = 'tr_eve' WHERE lifecycle_id = 'po_v-out'", .lifecycleMismatch),
        ("UPDATE lifecycles SET parent = 'pay_v-fx' WHERE lifecycle_id = 'rrf_v-in'", .lifecycleMismatch),
        ("UPDATE lifecycles SET kind = 'payout' WHERE lifecycle_id = 'pay_v-in'", .lifecycleMismatch),
        ("UPDATE lifecycles SET state = '{}' WHERE lifecycle_id = 'pay_v-in'", .lifecycleMismatch),
        // Lives that do not lead to where the rows are.
        ("UPDATE lifecycles SET version = version + 1 WHERE lifecycle_id = 'po_v-out'", .lifecycleMismatch),
        ("UPDATE lifecycles SET changed_at_ms = 0 WHERE lifecycle_id = 'po_v-out'", .lifecycleMismatch),
        (
            "UPDATE lifecycle_events SET status = 'paid' WHERE lifecycle_id = 'po_v-once' AND version = 2",
            .lifecycleMismatch
        ),
        ("DELETE FROM lifecycle_events WHERE lifecycle_id = 'po_v-out' AND version = 3", .causeMissing),
        ("DELETE FROM lifecycles WHERE lifecycle_id = 'po_v-once'", .causeMissing),
        (
            "DELETE FROM lifecycles WHERE lifecycle_id = 'esc_v-esc'; "
                + "DELETE FROM lifecycle_events WHERE lifecycle_id = 'esc_v-esc'", .causeMissing
        ),
        (
            "UPDATE lifecycle_events SET seq = seq + 1 WHERE lifecycle_id = 'po_v-once' AND version = 2",
            .causeMissing
        ),
        (
            "UPDATE lifecycle_events SET name = 'payout_paid' WHERE lifecycle_id = 'po_v-once' AND version = 2",
            .causeMissing
        ),
        ("UPDATE lifecycle_events SET time_ms = 0 WHERE lifecycle_id = 'po_v-out' AND version = 3", .causeMissing),
        (
            "UPDATE lifecycle_events SET lifecycle_id = 'pay_v-fx', version = 9 "
                + "WHERE lifecycle_id = 'pay_v-in' AND version = 6", .causeMissing
        ),
        // Money that stands in no account, or in another one.
        (set("pay_v-in", "payment", "unspentMinor", "1"), .balanceUnexplained),
        (set("pay_v-sus-stuck", "payment", "isSuspended", "false"), .balanceUnexplained),
        (
            set("po_v-once", "payout", "amountMinor", "61")
                + "UPDATE lifecycles SET amount = 61 WHERE lifecycle_id = 'po_v-once'", .balanceUnexplained
        ),
        (
            set("po_v-once", "payout", "status", "\"cancelled\"")
                + "UPDATE lifecycles SET status = 'cancelled' WHERE lifecycle_id = 'po_v-once';"
                + "UPDATE lifecycle_events SET status = 'cancelled' WHERE lifecycle_id = 'po_v-once' AND version = 2",
            .balanceUnexplained
        ),
        (
            set("rrf_v-in", "refund", "status", "\"sent\"")
                + "UPDATE lifecycles SET status = 'sent' WHERE lifecycle_id = 'rrf_v-in';"
                + "UPDATE lifecycle_events SET status = 'sent' WHERE lifecycle_id = 'rrf_v-in' AND version = 4",
            .balanceUnexplained
        ),
        (set("dsp_dp_pay_v-lost-2", "dispute", "chargedBackMinor", "999"), .balanceUnexplained),
        (set("esc_v-esc", "escrow", "releasedMinor", "199"), .balanceUnexplained),
        (set("esc_v-esc", "escrow", "releasedMinor", "-9223372036854775808"), .balanceUnexplained),
        // What belongs together and does not.
        (set("pay_v-in", "payment", "settlementID", "\"stl_none\""), .lifecycleMismatch),
        (set("pay_v-in", "payment", "settlementID", "\"\""), .lifecycleMismatch),
        (set("pay_v-fx", "payment", "settlementID", "\"stl_v-in-settle\""), .lifecycleMismatch),
        (set("pay_v-in", "payment", "returnedMinor", "400"), .lifecycleMismatch),
        ("DELETE FROM settlements WHERE settlement_id = 'stl_v-in-settle'", .lifecycleMismatch),
    ]

    @Test("finds what was changed behind the ledger's back", arguments: ways)
    func tampering(_ sql: String, _ code: Finding.Code) async throws {
        let book = try await prepared()
        try book.tamper(sql)
        let report = try book.verify()
        #expect(report.findings.contains { $0.code == code }, "\(report.findings)")
    }
}
