import Cryptography
import Kernel
import LedgerStore

extension RailReportPage {
    /// One object for scripts; amounts are minor units.
    func json() -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.array("rails") { json in for rail in rails { write(rail, to: &json) } }
        json.field("due", backlog.dueCount)
        json.field("oldest_due_at", backlog.oldestDueAtMs.map { CivilDate(ms: $0).rfc3339 })
        json.key("attention")
        json.beginObject()
        json.field("suspended_payments", backlog.suspendedPayments)
        json.field("failed_refunds", backlog.failedRefunds)
        json.field("stopped_payouts", backlog.stoppedPayouts)
        json.field("open_disputes", backlog.openDisputes)
        json.endObject()
        json.endObject()
        return json.bytes
    }

    private func write(_ rail: RailLine, to json: inout JSONWriter) {
        json.beginObject()
        json.field("rail", rail.name.rawValue)
        json.field("on", rail.offReason == nil)
        json.field("reason", rail.offReason ?? rail.silence)
        json.array("balances") { json in
            for line in rail.balances {
                json.beginObject()
                json.field("currency", line.currency)
                json.field("at_rail", line.atRailMinor)
                json.field("available", line.availableMinor)
                json.field("ledger", line.ledgerMinor)
                json.field("in_flight", line.inFlightMinor)
                json.endObject()
            }
        }
        json.array("lifecycles") { json in
            for count in counts where count.rail == rail.name.rawValue {
                json.beginObject()
                json.field("kind", count.kind)
                json.field("status", count.status)
                json.field("currency", count.currency)
                json.field("count", count.count)
                json.field("amount", raw: String(count.amountMinor).utf8)
                json.field("next_due_at", count.oldestDueAtMs.map { CivilDate(ms: $0).rfc3339 })
                json.endObject()
            }
        }
        json.endObject()
    }
}
