import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    /// Characters of a refund's reason.
    static let reasonMax = 500

    var refundRoute: Route {
        Route(
            .post, "/api/settlements/{id}/refund", id: "refund", summary: "Gives a settlement back, whole or in part.",
            description: """
                Lines and fees are reversed by cumulative largest remainder; what a payee no longer has becomes a \
                receivable. Without `amount`, all that is left. What a rail took in goes back by that rail: \
                `rail_refund` names the refund there. Only the service that made the settlement may refund \
                it, or one that may spend every balance (`--from any`); both need scope `refund`.
                """,
            tag: "settlements", auth: .signed(scopes: ["refund"]), idempotency: .required,
            request: PaySchema.refundRequest, responses: [.json(201, "Refunded.", PaySchema.refund)],
            errors: [
                .amountInvalid, .fieldInvalid, .callerNotAllowed, .settlementUnknown, .idempotencyInFlight,
                .idempotencyKeyReused, .refundExceedsRemainder, .amountOverflow, .databaseUnavailable,
                .paymentUnknown, .railOff, .railUnsupported, .refundNeedsPayee,
            ], handler: refund)
    }

    @Sendable
    private func refund(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller().did
        let fields = try Body(try call.json().root)
        let amount = fields["amount"] == nil ? nil : try fields.amount("amount")
        let reason = try fields.text("reason", max: Self.reasonMax)
        try rules.require(.refund, caller)
        let id = call.parameter("id")
        guard let found = try await found(id) else { throw Self.unknown() }
        guard rules.mayRefund(found, caller) else {
            // Who may see it learns why; to anyone else it does not exist.
            throw rules.maySee(found, caller)
                ? Problem(.callerNotAllowed, "only the service that made the settlement may refund it") : Self.unknown()
        }
        let hash = RequestHash.of("refund/\(id)", fields.root)
        var destination = RefundDestination.balance
        if let payment = found.payment {
            do throws(Problem) {
                if case .payment(let known)? = try await lifecycle(payment.id)?.lifecycle, known.direct != nil {
                    throw Problem(
                        .refundNeedsPayee,
                        "the payees were paid at the rail, past the node: ask them to pay it back themselves")
                }
                try on(payment.rail, able: .refund)
            } catch {
                return try await refuse(error, call, requestHash: hash).reply(traceID: call.traceID)
            }
            destination = .rail(
                refundID: dependencies.makeID("rrf_"), paymentID: payment.id, rail: payment.rail)
        }
        let order = found.refundOrder(
            refundID: dependencies.makeID("rfd_"), amountMinor: amount, reason: reason, destination: destination)
        guard let order else { throw Problem(.internalError) }
        let command = Command(
            caller: caller.string, key: call.idempotencyKey ?? "",
            requestHash: hash,
            action: .refund(order))
        let decision = try await submit(command.traced(call.traceID))
        if case .decided(let outcome) = decision, outcome.isDone,
            case .rail(let refundID, _, _) = destination
        {
            await drive(refundID)
        }
        return decision.reply(traceID: call.traceID)
    }
}

extension CallerRules {
    /// The service that made it, or one that may spend every balance.
    func mayRefund(_ found: FoundSettlement, _ caller: DID) -> Bool {
        found.stored.caller == caller.string || callers.grant(for: caller)?.spendsFrom == .any
    }
}
