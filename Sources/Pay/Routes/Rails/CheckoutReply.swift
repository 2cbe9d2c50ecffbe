import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    /// The answer to a checkout: from what never changes of the payment, so that a replay is the first answer, byte for
    /// byte. First the rail is called where it was not, or asked where nobody knows.
    func answer(_ decision: Decision, _ call: Call) async throws -> Reply {
        guard decision.outcome.isDone, let id = decision.outcome.reference else {
            return decision.reply(traceID: call.traceID)
        }
        await drive(id)
        guard let row = try await lifecycle(id), case .payment(let payment) = row.lifecycle else {
            throw Problem(.internalError)
        }
        guard payment.reference.isEmpty, payment.url.isEmpty else {
            let reply = Reply.json(201, Self.checkout(payment, madeAtMs: row.madeAtMs, desk?.instructions(payment)))
            return decision.isReplayed ? reply.header("idempotent-replayed", "true") : reply
        }
        throw Self.refusal(of: payment, nowMs: call.receivedAt)
    }

    /// Why there is nothing to pay at (yet).
    private static func refusal(of payment: Payment, nowMs: Int64) -> Problem {
        switch payment.status {
        case .opening:
            // Another request's call of the rail, or one that died: its answer is not known.
            if let attempt = payment.attempt, attempt.asked == 0, !attempt.isAbsent {
                return Problem(.idempotencyInFlight)
            }
            let waitMs = max((payment.dueAtMs ?? nowMs) - nowMs, 0)
            return Problem(
                .railUnavailable, "the rail \(payment.rail) gave no certain answer: send the same key again",
                retryAfterSeconds: Int(waitMs / 1000) + 1)
        case .failed: return payment.refusal.map { Problem($0) } ?? Problem(.railDeclined)
        default: return Problem(.stateConflict, "\(payment.id) is \(payment.status.rawValue)")
        }
    }

    private static func checkout(_ payment: Payment, madeAtMs: Int64, _ instructions: [UInt8]?) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("id", payment.id)
        out.field("url", payment.url)
        out.field("status", "pending")
        out.field("rail", payment.rail.rawValue)
        out.field("reference", payment.reference)
        out.field("amount", payment.amountMinor)
        out.field("charged", payment.chargedMinor)
        out.field("currency", payment.currency)
        out.field("from_did", payment.payer)
        out.key("manifest_cid")
        if case .settle(let cid) = payment.purpose { out.string(cid) } else { out.null() }
        if let instructions {
            out.key("instructions")
            out.raw(instructions)
        }
        out.field("expires_at", CivilDate(ms: payment.expiresAtMs).rfc3339)
        out.field("created_at", CivilDate(ms: madeAtMs).rfc3339)
        out.endObject()
        return out.bytes
    }
}
