import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    var settleRoute: Route {
        Route(
            .post, "/api/settle", id: "settle", summary: "Pays a manifest's people from a payer's balance.",
            description: """
                Fees first, then the manifest's split over what remains. A service without `--from any` sends the \
                payer's `authorization`, or relies on the payer's allowance. The same key and body again get the \
                first answer, byte for byte, with `Idempotent-Replayed: true`. Funded by a rail's payment that has \
                not arrived, it is 202 and nothing is stored: the same key settles once it has.
                """,
            tag: "settlements", auth: .signed(scopes: ["settle"], note: "`from_did` itself"), idempotency: .required,
            request: PaySchema.settleRequest,
            responses: [
                .json(201, "Settled.", PaySchema.settlement),
                .json(202, "The rail has not confirmed the payment yet.", PaySchema.settlementPending),
            ],
            errors: ProblemCode.ofSettling, handler: settle)
    }

    @Sendable
    private func settle(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller()
        let document = try call.json()
        for attempt in 1... {
            let prepared: PreparedSettlement
            do throws(Problem) {
                prepared = try await prepare(
                    document.root, key: call.idempotencyKey ?? "", caller: caller, nowMs: call.receivedAt)
            } catch {
                dependencies.metrics.answered(code: error.code.code)
                throw error
            }
            let decision = try await submit(prepared.command.traced(call.traceID))
            let code = decision.outcome.code
            // The payment arrived between planning and the book: its fee is known now.
            if code == ProblemCode.stateConflict.code, attempt < Self.plansMax { continue }
            note(decision, prepared)
            if code == ProblemCode.paymentNotReceived.code, let id = prepared.awaited { return Self.pending(id) }
            return decision.reply(traceID: call.traceID)
        }
        throw Problem(.internalError)
    }

    /// How often a settlement is planned whose payment changes meanwhile: it is received once.
    private static let plansMax = 3

    /// What is answered while the payer still has to pay; the same key settles later.
    private static func pending(_ paymentID: String) -> Reply {
        .json(202) { out in
            out.beginObject()
            out.field("status", "pending")
            out.field("payment", paymentID)
            out.endObject()
        }
    }

    /// Counts an answer, and remembers that the book holds the manifest now.
    func note(_ decision: Decision, _ prepared: PreparedSettlement) {
        dependencies.metrics.answered(decision, lineCount: prepared.lineCount)
        if decision.outcome.isDone { prepared.manifest?.markRecorded() }
    }
}
