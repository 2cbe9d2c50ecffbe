import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    var putAllowanceRoute: Route {
        Route(
            .put, "/api/allowances/{service_did}", id: "putAllowance",
            summary: "Lets a service spend the caller's balance, within bounds.",
            description: """
                Replaces the caller's earlier allowance for this service and currency; what was spent of it today \
                stays counted. An amount of 0, or a time that has passed, ends it.
                """,
            tag: "consent", auth: .signed(note: "the payer"), idempotency: .optional,
            parameters: [.path("service_did", .did, "The service that may ask.")],
            request: PaySchema.allowanceRequest, responses: [.json(200, "The allowance.", PaySchema.allowance)],
            errors: [
                .amountInvalid, .fieldInvalid, .currencyUnknown, .idempotencyKeyReused, .idempotencyInFlight,
                .databaseUnavailable,
            ]
        ) { call in
            let caller = try call.requireCaller()
            let payer = caller.did
            let service = try Self.did("service_did", call)
            let fields = try Body(try call.json().root)
            let order = AllowanceOrder(
                payer: payer, service: service, maxAmountMinor: try fields.amount("max_amount", from: 0),
                perDayMinor: try fields.amount("per_day", from: 0), currency: try fields.currency().code,
                notAfterMs: try fields.instant("not_after"))
            let command = Command(
                caller: payer.string, key: call.idempotencyKey ?? Self.nonceKey(caller),
                requestHash: RequestHash.of("allowance/\(service)", fields.root), action: .allow(order))
            let decision = try await submit(command.traced(call.traceID))
            try Self.refuseReplay(of: call, decision)
            return decision.reply(traceID: call.traceID)
        }
    }

    /// The key of a request that came without one: its nonce, so that a copy of it finds the first one in the book,
    /// whichever process it reaches.
    static func nonceKey(_ caller: Caller) -> String { "nonce/" + caller.nonce }

    /// - Throws: `signature_replayed` for a copy of a request that came without a key.
    static func refuseReplay(of call: Call, _ decision: Decision) throws(Problem) {
        let isCopy = decision.isReplayed || decision.outcome.code == Refusal.idempotencyKeyReused.code
        if call.idempotencyKey == nil, isCopy { throw Problem(.signatureReplayed) }
    }

    var getAllowanceRoute: Route {
        Route(
            .get, "/api/allowances/{service_did}", id: "getAllowances",
            summary: "The caller's allowances for a service, one per currency.", tag: "consent",
            auth: .signed(note: "the payer"), parameters: [.path("service_did", .did, "The service that may ask.")],
            responses: [.json(200, "The allowances.", PaySchema.allowances)], errors: [.databaseUnavailable]
        ) { call in
            let payer = try call.requireCaller().did
            let service = try Self.did("service_did", call)
            let rows = try await read { () throws(LedgerFailure) in
                try await dependencies.rules.allowances(payer, service)
            }
            return .page(rows.map { Self.json($0, nowMs: call.receivedAt) }, next: nil)
        }
    }

    private static func json(_ row: AllowanceRow, nowMs: Int64) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("payer", row.key.payer)
        out.field("service", row.key.service)
        out.field("max_amount", row.maxAmountMinor)
        out.field("per_day", row.perDayMinor)
        out.field("currency", row.key.currency)
        out.field("not_after", CivilDate(ms: row.notAfterMs).rfc3339)
        out.field("spent_today", row.spentDay >= CivilDate.day(ms: nowMs) ? row.spentMinor : 0)
        out.endObject()
        return out.bytes
    }
}
