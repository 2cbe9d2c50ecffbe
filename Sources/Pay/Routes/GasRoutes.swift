import Cryptography
import Kernel
import Service
import Settlement

/// Who wants to reach whom, and how far from them.
private struct GasRequest {
    let sender: DID
    let recipient: DID
    let tier: Int

    /// - Throws: `field_invalid`.
    init(_ fields: Body) throws(Problem) {
        sender = try fields.did("sender_did")
        recipient = try fields.did("recipient_did")
        tier = Int(try fields.integer("tier", in: 1...Int64(Gas.basesMinor.count)))
    }
}

extension PayService {
    private static let gasCurrency = Currency.mjn.code
    private static let gasWindowMs = Int64(Gas.windowSeconds) * 1000

    var gasQuoteRoute: Route {
        Route(
            .post, "/api/gas/quote", id: "quoteGas", summary: "What the next message to a recipient costs.",
            description: "A quote holds nothing: the charge counts anew. Refused as the charge would be.",
            tag: "gas", auth: .signed(scopes: ["settle", "read"], note: "`sender_did` itself"),
            request: PaySchema.gasRequest, responses: [.json(200, "The price, and the curve.", PaySchema.gasQuote)],
            errors: [
                .fieldInvalid, .callerNotAllowed, .recipientBlocked, .recipientRateLimited, .amountOverflow,
                .databaseUnavailable,
            ], handler: quoteGas)
    }

    @Sendable
    private func quoteGas(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller().did
        let request = try GasRequest(try Body(try call.json().root))
        guard caller == request.sender || rules.has(.settle, caller) || rules.has(.read, caller) else {
            throw Problem(.callerNotAllowed, "the caller is neither sender_did nor a service with scope settle or read")
        }
        let cluster = try await read { () throws(LedgerFailure) in try await store.gasCluster(of: request.sender) }
        let facts = try await read { () throws(LedgerFailure) in
            try await store.gasFacts(
                cluster: cluster, recipient: request.recipient, sinceMs: call.receivedAt - Self.gasWindowMs)
        }
        // What the recipient says of the sender itself counts beside what it says of the founder.
        let own = try await read { () throws(LedgerFailure) in
            try await store.gasFacts(
                cluster: request.sender, recipient: request.recipient, sinceMs: call.receivedAt - Self.gasWindowMs)
        }
        let rule = GasRule.holding(sender: own.rule, cluster: facts.rule)
        if rule.standing == .blacklisted { throw Problem(.recipientBlocked, Refusal.recipientBlocked.detail) }
        let isWelcome = rule.standing == .whitelisted
        if let most = rule.perDayMax, !isWelcome, facts.sentTodayCount >= most {
            throw Problem(.recipientRateLimited, Refusal.recipientRateLimited.detail)
        }
        let bases = isWelcome ? Gas.basesMinor.map { _ in 0 } : dependencies.gasBasesMinor
        do throws(GasError) {
            let price = try Gas.charge(tier: request.tier, bases: bases, alreadySent: facts.sentCount)
            let curve = try Gas.curve(tier: request.tier, bases: bases)
            return .json { out in
                out.beginObject()
                Self.write(price, &out)
                out.array("curve") { out in
                    for step in curve {
                        out.beginObject()
                        Self.write(step, &out)
                        out.endObject()
                    }
                }
                out.endObject()
            }
        } catch {
            throw Problem(.amountOverflow, "the price does not fit: \(error.code)")
        }
    }

    private static func write(_ price: GasPrice, _ out: inout JSONWriter) {
        out.field("tier", price.tier)
        out.field("message_number", price.messageNumber)
        out.field("multiplier", price.multiplierText)
        out.field("amount", price.amountMinor)
        out.field("currency", gasCurrency)
    }

    var gasChargeRoute: Route {
        Route(
            .post, "/api/gas/charge", id: "chargeGas", summary: "Charges for one message and counts it, in one step.",
            description: """
                Needs scope `settle`. Where the tier has a price, the caller is the sender or may spend its balance \
                (`--from any`, or from this DID). A message that costs nothing is counted with `entry_seq: null`.
                """,
            tag: "gas", auth: .signed(scopes: ["settle"]), idempotency: .required, request: PaySchema.gasRequest,
            responses: [.json(201, "Charged and counted.", PaySchema.gasCharge)],
            errors: [
                .fieldInvalid, .insufficientFunds, .callerNotAllowed, .payerConsentMissing, .recipientBlocked,
                .recipientRateLimited, .idempotencyInFlight, .idempotencyKeyReused, .amountOverflow, .accountFrozen,
                .databaseUnavailable,
            ], handler: chargeGas)
    }

    @Sendable
    private func chargeGas(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller().did
        let fields = try Body(try call.json().root)
        let request = try GasRequest(fields)
        try rules.require(.settle, caller)
        let base = dependencies.gasBasesMinor[request.tier - 1]
        guard base == 0 || rules.mayTake(from: request.sender, by: caller) else {
            throw Problem(
                .payerConsentMissing, "the caller is not the sender, and may not spend its balance without its word")
        }
        let cluster = try await read { () throws(LedgerFailure) in try await store.gasCluster(of: request.sender) }
        let order = GasOrder(
            chargeID: dependencies.makeID("gas_"), sender: request.sender, cluster: cluster,
            recipient: request.recipient, tier: request.tier, baseMinor: base, currency: Self.gasCurrency)
        let command = Command(
            caller: caller.string, key: call.idempotencyKey ?? "",
            requestHash: RequestHash.of("gas", fields.root), action: .chargeGas(order))
        return try await submit(command.traced(call.traceID)).reply(traceID: call.traceID)
    }
}
