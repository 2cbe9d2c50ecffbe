import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    var getPayeeRoute: Route {
        Route(
            .get, "/api/payees/{did}", id: "getPayee", summary: "How a payee is paid out.", tag: "payees",
            auth: .signed(scopes: ["read"], note: "the DID itself"), parameters: [.path("did", .did, "The payee.")],
            responses: [.json(200, "What is in force, and what will be.", PaySchema.payee)],
            errors: [.callerNotAllowed, .notFound, .databaseUnavailable]
        ) { call in
            let did = try Self.did("did", call)
            try rules.requireReading(did, by: try call.requireCaller().did)
            guard let row = try await lifecycle(Payee.id(did.string)) else { throw Self.notThere("payee") }
            return .json(200, LifecycleReply.render(row))
        }
    }

    var putPayeeRoute: Route {
        Route(
            .put, "/api/payees/{did}", id: "putPayee", summary: "Says how the caller wants to be paid out.",
            description: """
                Replaces what was said before. It is in force a day later (`effective_at`), until then what was before \
                stays so; the journal shows the change at once. Saying the same again changes nothing.
                """,
            tag: "payees", auth: .signed(note: "the DID itself, nobody else"),
            parameters: [.path("did", .did, "The payee.")], request: PaySchema.policy,
            responses: [.json(200, "What is in force, and what will be.", PaySchema.payee)],
            errors: [
                .amountInvalid, .fieldInvalid, .callerNotAllowed, .stateConflict, .currencyUnknown,
                .destinationNotPayable, .currencyUnsupported, .railUnsupported, .databaseUnavailable, .railOff,
            ], handler: putPayee)
    }

    /// How often a change is tried again that another one was faster than.
    private static let payeeTriesMax = 3

    @Sendable
    private func putPayee(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller()
        let did = try Self.did("did", call)
        guard caller.did == did else {
            throw Problem(.callerNotAllowed, "only \(did) itself says where its money goes")
        }
        let policy = try PolicyRequest.policy(try call.json().root)
        let id = Payee.id(did.string)
        if let row = try await lifecycle(id), row.says(policy, nowMs: call.receivedAt) {
            return .json(200, LifecycleReply.render(row))
        }
        try limitStrangers(did, call)
        for destination in policy.destinations {
            let rail = try on(destination.rail, able: .payOut)
            if let refusal = await rail.check(destination) { throw Problem(refusal) }
        }
        for _ in 0..<Self.payeeTriesMax {
            let row = try await lifecycle(id)
            if let row, row.says(policy, nowMs: call.receivedAt) { return .json(200, LifecycleReply.render(row)) }
            let order = LifecycleOrder(
                id: id, version: row?.version ?? 0, owners: [],
                step: .payee(.changed(policy, effectiveAtMs: call.receivedAt + dependencies.payeeDelayMs)))
            let command = Command(
                caller: did.string, key: Self.nonceKey(caller),
                requestHash: RequestHash.of("payee", try call.json().root), action: .advance(order))
            let decision = try await submit(command.traced(call.traceID))
            if decision.outcome.isDone, let row = try await lifecycle(id) {
                return .json(200, LifecycleReply.render(row))
            }
            guard decision.outcome.code == ProblemCode.stateConflict.code else { throw decision.outcome.problem }
        }
        throw Problem(.stateConflict, "another change was made at the same time: read it, and say it again")
    }
}

extension LifecycleRow {
    /// Whether a payee's last word is this policy.
    fileprivate func says(_ policy: PayoutPolicy, nowMs: Int64) -> Bool {
        guard case .payee(let payee) = lifecycle else { return false }
        return (payee.pending ?? payee.policy(at: nowMs)) == policy
    }
}
