import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    var openEscrowRoute: Route {
        Route(
            .post, "/api/escrow", id: "openEscrow", summary: "Sets money aside until a condition holds.",
            description: """
                The money leaves the payer's balance at once. The payer or the arbiter releases it, the payee or the \
                arbiter gives it back; after `release_after` what is left is released by itself.
                """,
            tag: "escrow", auth: .signed(scopes: ["settle"], note: "`from_did` itself"), idempotency: .required,
            request: PaySchema.escrowRequest, responses: [.json(201, "Set aside.", PaySchema.escrowChanged)],
            errors: ProblemCode.ofBalances + [.payerConsentMissing, .accountNotPayable, .stateConflict],
            handler: openEscrow)
    }

    @Sendable
    private func openEscrow(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller()
        let fields = try Body(try call.json().root)
        let (payer, payee) = (try fields.did("from_did"), try fields.did("to_did"))
        let arbiter = try fields.optional("arbiter_did", fields.did)
        let amount = try fields.amount("amount")
        let releaseAfterMs = try fields.optional("release_after", fields.instant)
        let memo = try fields.optional("memo") { name throws(Problem) in try fields.text(name, max: Self.memoMax) }
        guard payer != payee else { throw Body.invalid("to_did", "is somebody else than from_did") }
        guard arbiter != payer, arbiter != payee else { throw Body.invalid("arbiter_did", "is a third person") }
        try rules.requireTaking(from: payer, amountMinor: amount, by: caller, nowMs: call.receivedAt)
        let currency = try fields.currency().code
        guard SplitPlan.holdsBalances(payee) else {
            throw Problem(.accountNotPayable, "no balance is held for \(payee): use a did:imajin DID")
        }
        let hash = RequestHash.of("escrow", fields.root)
        if let releaseAfterMs, releaseAfterMs <= call.receivedAt {
            let problem = Body.invalid("release_after", "is in the future")
            return try await refuse(problem, call, requestHash: hash).reply(traceID: call.traceID)
        }
        let escrow = Escrow(
            id: dependencies.makeID("esc_"), payer: payer.string, payee: payee.string, arbiter: arbiter?.string,
            creator: caller.did.string, amountMinor: amount, creditMinor: 0, currency: currency,
            releaseAfterMs: releaseAfterMs, memo: memo ?? "")
        let command = LifecycleCommands.open(
            .openEscrow(escrow), id: escrow.id, owners: [OwnerKey(owner: payer.string, currency: currency)],
            caller: caller.did.string, key: call.idempotencyKey ?? "", requestHash: hash)
        return try await submit(command.traced(call.traceID)).reply(traceID: call.traceID)
    }

    var escrowRoute: Route {
        Route(
            .get, "/api/escrow/{id}", id: "getEscrow", summary: "An escrow with its life, event by event.",
            description: "To anyone who may not see it, an escrow does not exist.", tag: "escrow",
            auth: .signed(scopes: ["read"], note: "payer, payee, arbiter, the service that made it"),
            responses: [.json(200, "The escrow.", PaySchema.escrowLife)], errors: [.notFound, .databaseUnavailable]
        ) { call in
            let (row, events) = try await escrow(call.parameter("id"), by: try call.requireCaller().did).life
            return .json(200, LifecycleReply.render(row, events: events))
        }
    }

    var escrowsRoute: Route {
        Route(
            .get, "/api/escrow", id: "listEscrows", summary: "Escrows, newest first.",
            description: """
                Those that the caller made; with `from_did` of itself, those of its own money; with `to_did` of \
                itself, those that are for it; with `arbiter_did` of itself, those that it may decide; a service with \
                scope `read` sees all.
                """,
            tag: "escrow", auth: .signed(scopes: ["read"], note: "anybody, its own"),
            parameters: [
                .query("status", .enumeration(Escrow.Status.allCases.map(\.rawValue)), "Only those that stand so."),
                .query("from_did", .did, "Only this payer's."), .query("to_did", .did, "Only for this payee."),
                .query("arbiter_did", .did, "Only those that this arbiter may decide."),
            ] + Parameter.page,
            responses: [.json(200, "A page of escrows.", .page(of: PaySchema.escrow))],
            errors: [.callerNotAllowed, .limitInvalid, .cursorInvalid, .databaseUnavailable]
        ) { call in
            let caller = try call.requireCaller().did
            var filter = LifecycleFilter(kind: .escrow, limit: 0)
            filter.statuses = try Self.statuses(call, of: Escrow.Status.allCases.map(\.rawValue))
            filter.owner = try Self.queryDID("from_did", call)?.string
            filter.payee = try Self.queryDID("to_did", call)?.string
            filter.arbiter = try Self.queryDID("arbiter_did", call)?.string
            let isParty = [filter.owner, filter.payee, filter.arbiter].contains(caller.string)
            if !isParty, !rules.has(.read, caller) { filter.creator = caller.string }
            return try await page(filter, call)
        }
    }

    var releaseEscrowRoute: Route {
        endRoute("release", summary: "Gives money set aside to its payee.", who: "the payer, the arbiter") {
            .released(amountMinor: $0, by: $1)
        }
    }

    var refundEscrowRoute: Route {
        endRoute("refund", summary: "Gives money set aside back to its payer.", who: "the payee, the arbiter") {
            .refunded(amountMinor: $0, by: $1)
        }
    }

    private func endRoute(
        _ verb: String, summary: String, who: String,
        event: @escaping @Sendable (_ amountMinor: Int64?, _ by: String) -> EscrowEvent
    ) -> Route {
        Route(
            .post, "/api/escrow/{id}/\(verb)", id: "\(verb)Escrow", summary: summary,
            description: "Without `amount`, all that is left.", tag: "escrow", auth: .signed(note: who),
            idempotency: .required, request: PaySchema.escrowPart,
            responses: [.json(200, "As it stands then.", PaySchema.escrowChanged)],
            errors: [
                .amountInvalid, .fieldInvalid, .callerNotAllowed, .notFound, .idempotencyInFlight, .stateConflict,
                .idempotencyKeyReused, .escrowExceeded, .amountOverflow, .databaseUnavailable,
            ]
        ) { call in
            let caller = try call.requireCaller().did
            let fields = try Body(try call.json().root)
            let amount = try fields.optional("amount") { name throws(Problem) in try fields.amount(name) }
            let found = try await escrow(call.parameter("id"), by: caller).escrow
            try limitStrangers(caller, call)
            let order = LifecycleOrder(
                id: found.id, version: nil,
                owners: [found.payer, found.payee].map { OwnerKey(owner: $0, currency: found.currency) },
                step: .escrow(event(amount, caller.string)))
            let command = Command(
                caller: caller.string, key: call.idempotencyKey ?? "",
                requestHash: RequestHash.of("escrow/\(found.id)/\(verb)", fields.root), action: .advance(order))
            return try await submit(command.traced(call.traceID)).reply(traceID: call.traceID)
        }
    }

    /// An escrow that a caller may see, with its life.
    /// - Throws: `not_found`, also for one that the caller may not see.
    private func escrow(_ id: String, by caller: DID) async throws(Problem) -> (escrow: Escrow, life: Life) {
        guard let life = try await life(of: id), case .escrow(let escrow) = life.row.lifecycle,
            [escrow.payer, escrow.payee, escrow.arbiter, escrow.creator].contains(caller.string)
                || rules.has(.read, caller)
        else { throw Self.notThere("escrow") }
        return (escrow, life)
    }
}
