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
                first answer, byte for byte, with `Idempotent-Replayed: true`.
                """,
            tag: "settlements", auth: .signed(scopes: ["settle"], note: "`from_did` itself"), idempotency: .required,
            request: PaySchema.settleRequest, responses: [.json(201, "Settled.", PaySchema.settlement)],
            errors: ProblemCode.ofSettling, handler: settle)
    }

    @Sendable
    private func settle(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller()
        let document = try call.json()
        let prepared: PreparedSettlement
        do throws(Problem) {
            prepared = try await prepare(
                document.root, key: call.idempotencyKey ?? "", caller: caller, nowMs: call.receivedAt)
        } catch {
            dependencies.metrics.answered(code: error.code.code)
            throw error
        }
        let decision = try await submit(prepared.command.traced(call.traceID))
        note(decision, prepared)
        return decision.reply(traceID: call.traceID)
    }

    /// Counts an answer, and remembers that the book holds the manifest now.
    func note(_ decision: Decision, _ prepared: PreparedSettlement) {
        dependencies.metrics.answered(decision, lineCount: prepared.lineCount)
        if decision.outcome.isDone { prepared.manifest?.markRecorded() }
    }
}
