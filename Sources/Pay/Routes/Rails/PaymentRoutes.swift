import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    var paymentRoute: Route {
        Route(
            .get, "/api/payments/{id}", id: "getPayment", summary: "A payment with its life, event by event.",
            description: "To anyone who may not see it, a payment does not exist.", tag: "payments",
            auth: .signed(scopes: ["read"], note: "the payer, the service that made it"),
            responses: [.json(200, "The payment.", PaySchema.paymentLife)], errors: [.notFound, .databaseUnavailable]
        ) { call in
            let (row, events) = try await payment(call.parameter("id"), by: try call.requireCaller().did).life
            return .json(200, LifecycleReply.render(row, events: events))
        }
    }

    var paymentsRoute: Route {
        Route(
            .get, "/api/payments", id: "listPayments", summary: "Payments, newest first.",
            description: """
                Those that the caller made; with `from_did` of itself, those that it is to pay; a service with scope \
                `read` sees all.
                """,
            tag: "payments", auth: .signed(scopes: ["read"], note: "anybody, its own"),
            parameters: [
                .query("status", .enumeration(Payment.Status.allCases.map(\.rawValue)), "Only those that stand so."),
                .query("from_did", .did, "Only this payer's."),
            ] + Parameter.page,
            responses: [.json(200, "A page of payments.", .page(of: PaySchema.payment))],
            errors: [.callerNotAllowed, .limitInvalid, .cursorInvalid, .databaseUnavailable]
        ) { call in
            let caller = try call.requireCaller().did
            var filter = LifecycleFilter(kind: .payment, limit: 0)
            filter.statuses = try Self.statuses(call, of: Payment.Status.allCases.map(\.rawValue))
            let payer = try Self.queryDID("from_did", call)
            filter.owner = payer?.string
            if payer != caller, !rules.has(.read, caller) { filter.creator = caller.string }
            return try await page(filter, call)
        }
    }

    var refundPaymentRoute: Route {
        Route(
            .post, "/api/payments/{id}/refund", id: "refundPayment",
            summary: "Sends unspent money of a payment back the way it came.",
            description: """
                For money that no settlement spent, in suspense too; what was settled is given back by \
                `/api/settlements/{id}/refund`. Without `amount`, all that is unspent.
                """,
            tag: "payments", auth: .signed(scopes: ["refund"]), idempotency: .required,
            request: PaySchema.refundRequest, responses: [.json(201, "On its way.", PaySchema.railRefund)],
            errors: [
                .amountInvalid, .fieldInvalid, .callerNotAllowed, .notFound, .idempotencyInFlight, .stateConflict,
                .idempotencyKeyReused, .paymentUnknown, .refundExceedsRemainder, .amountOverflow, .railUnsupported,
                .databaseUnavailable, .railOff,
                .refundNeedsPayee,
            ], handler: refundPayment)
    }

    @Sendable
    private func refundPayment(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller().did
        let fields = try Body(try call.json().root)
        let amount = try fields.optional("amount") { name throws(Problem) in try fields.amount(name) }
        let reason = try fields.text("reason", max: Self.reasonMax)
        try rules.require(.refund, caller)
        let found = try await payment(call.parameter("id"), by: caller).payment
        guard found.creator == caller.string || rules.spendsAll(caller) else {
            throw Problem(.callerNotAllowed, "only the service that made the payment may send it back")
        }
        let hash = RequestHash.of("payment/\(found.id)/refund", fields.root)
        do throws(Problem) {
            if found.direct != nil, found.unspentMinor == 0 {
                throw Problem(
                    .refundNeedsPayee,
                    "the payees were paid at the rail, past the node: ask them to pay it back themselves")
            }
            try on(found.rail, able: .refund)
        } catch {
            return try await refuse(error, call, requestHash: hash).reply(traceID: call.traceID)
        }
        let id = dependencies.makeID("rrf_")
        let command = LifecycleCommands.open(
            .openRefund(amountMinor: amount, reason: reason, creator: caller.string, done: nil), id: id,
            owners: [
                OwnerKey(owner: "", currency: found.currency), OwnerKey(owner: found.payer, currency: found.currency),
            ],
            related: [found.id], caller: caller.string, key: call.idempotencyKey ?? "",
            requestHash: hash)
        let decision = try await submit(command.traced(call.traceID))
        if decision.outcome.isDone, !decision.isReplayed { await drive(id) }
        return decision.reply(traceID: call.traceID)
    }

    var cancelPaymentRoute: Route {
        Route(
            .post, "/api/payments/{id}/cancel", id: "cancelPayment", summary: "Gives up a payment that nobody made.",
            description: """
                The rail is asked to take no more money for it. Asked again, it stays so. A payment that arrived \
                before is 409 `state_conflict`; 503 `rail_unavailable` when the rail does not say.
                """,
            tag: "payments", auth: .signed(note: "the payer, the service that made it"),
            responses: [.json(200, "Given up.", PaySchema.paymentLife)],
            errors: [.callerNotAllowed, .notFound, .stateConflict, .databaseUnavailable, .railOff, .railUnavailable],
            handler: cancelPayment)
    }

    @Sendable
    private func cancelPayment(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller().did
        let id = call.parameter("id")
        let found = try await payment(id, by: caller).payment
        guard found.creator == caller.string || found.payer == caller.string else {
            throw Problem(.callerNotAllowed, "only its payer and the service that made it may give it up")
        }
        if found.isAwaited || found.status == .failed {
            try on(found.rail, able: .collect)
            try limitStrangers(caller, call)
            await waitAWhile { worker async throws(LedgerFailure) in try await worker.cancel(id) }
        }
        let (row, events) = try await payment(id, by: caller).life
        guard case .payment(let now) = row.lifecycle else { throw Problem(.internalError) }
        switch now.status {
        case .cancelled, .failed: return .json(200, LifecycleReply.render(row, events: events))
        case .opening, .pending: throw Problem(.railUnavailable, "the rail did not say that nobody can pay it any more")
        case .received, .settled, .suspended:
            throw Problem(.stateConflict, "\(id) is \(now.status.rawValue): send its money back instead")
        }
    }

    /// A payment that a caller may see, with its life.
    /// - Throws: `not_found`, also for one that the caller may not see.
    private func payment(_ id: String, by caller: DID) async throws(Problem) -> (payment: Payment, life: Life) {
        guard let life = try await life(of: id), case .payment(let payment) = life.row.lifecycle,
            payment.creator == caller.string || payment.payer == caller.string || rules.has(.read, caller)
                || rules.spendsAll(caller)
        else { throw Self.notThere("payment") }
        return (payment, life)
    }
}

extension CallerRules {
    /// Whether a service may spend every balance.
    func spendsAll(_ caller: DID) -> Bool { callers.grant(for: caller)?.spendsFrom == .any }
}
