import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    /// Characters of a memo.
    static let memoMax = 140

    var transferRoute: Route {
        Route(
            .post, "/api/balance/transfer", id: "transfer", summary: "Moves money from balance to balance.",
            description: "Credit is spent before cash and stays credit; only cash can be withdrawn.", tag: "balances",
            auth: .signed(scopes: ["settle"], note: "`from_did` itself"), idempotency: .required,
            request: PaySchema.transferRequest, responses: [.json(201, "Moved.", PaySchema.transfer)],
            errors: ProblemCode.ofBalances + [.payerConsentMissing, .accountNotPayable], handler: transfer)
    }

    @Sendable
    private func transfer(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller()
        let fields = try Body(try call.json().root)
        let (from, to) = (try fields.did("from_did"), try fields.did("to_did"))
        let amount = try fields.amount("amount")
        let memo = try fields.optional("memo") { name throws(Problem) in try fields.text(name, max: Self.memoMax) }
        guard from != to else { throw Body.invalid("to_did", "is somebody else than from_did") }
        try rules.requireTaking(from: from, amountMinor: amount, by: caller, nowMs: call.receivedAt)
        let currency = try fields.currency()
        guard SplitPlan.holdsBalances(to) else {
            throw Problem(.accountNotPayable, "no balance is held for \(to): use a did:imajin DID")
        }
        let order = TransferOrder(
            transferID: dependencies.makeID("trf_"), from: from, to: to, amountMinor: amount, currency: currency.code,
            memo: memo ?? "")
        let command = Command(
            caller: caller.did.string, key: call.idempotencyKey ?? "",
            requestHash: RequestHash.of("transfer", fields.root), action: .transfer(order))
        return try await submit(command.traced(call.traceID)).reply(traceID: call.traceID)
    }

    var withdrawRoute: Route {
        Route(
            .post, "/api/balance/withdraw", id: "withdraw", summary: "Pays cash of the caller out by a rail.",
            description: """
                To the destination in force for the currency, by `rail` or the payee's default one. The money is held \
                at once; `GET /api/payouts/{id}` shows how far it is.
                """,
            tag: "balances", auth: .signed(note: "`did` itself, nobody else"), idempotency: .required,
            request: PaySchema.withdrawRequest, responses: [.json(201, "On its way.", PaySchema.payoutOpened)],
            errors: ProblemCode.ofBalances + ProblemCode.ofRails + [
                .stateConflict, .creditNotWithdrawable, .payeeUnknown, .destinationMissing, .destinationNotPayable,
                .railOff, .railUnavailable,
            ], handler: withdraw)
    }

    @Sendable
    private func withdraw(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller().did
        let fields = try Body(try call.json().root)
        let did = try fields.did("did")
        let amount = try fields.amount("amount")
        let rail = try fields.optional("rail", fields.rail)
        guard caller == did else { throw Problem(.callerNotAllowed, "only \(did) itself withdraws its money") }
        try limitStrangers(did, call)
        let currency = try fields.currency().code
        let hash = RequestHash.of("withdraw", fields.root)
        let balances = try await read { () throws(LedgerFailure) in try await store.balances(of: did) }
        let payee = try await lifecycle(Payee.id(did.string))
        let payout: Payout
        do throws(Problem) {
            let destination = try Self.destination(of: payee, currency, rail, nowMs: call.receivedAt)
            try on(destination.rail, able: .payOut)
            payout = Payout(
                id: dependencies.makeID("po_"), payee: did.string, rail: destination.rail,
                destination: destination.address, amountMinor: amount, currency: currency, cause: .withdrawal,
                creator: did.string, nowMs: call.receivedAt)
            // What the balance does not cover is left to the book, so that nobody asks a rail for nothing.
            let cash = balances.first { $0.currency == currency }?.cashMinor ?? 0
            if cash >= amount { try await preview(payout) }
        } catch {
            return try await refuse(error, call, requestHash: hash).reply(traceID: call.traceID)
        }
        let command = LifecycleCommands.open(
            .openPayout(payout), id: payout.id,
            owners: [OwnerKey(owner: "", currency: currency), OwnerKey(owner: did.string, currency: currency)],
            caller: did.string, key: call.idempotencyKey ?? "", requestHash: hash)
        let decision = try await submit(command.traced(call.traceID))
        if decision.outcome.isDone, !decision.isReplayed { await drive(payout.id) }
        return decision.reply(traceID: call.traceID)
    }

    /// Where a payee's money goes.
    /// - Throws: `payee_unknown`, `destination_missing`.
    private static func destination(
        of row: LifecycleRow?, _ currency: String, _ rail: RailName?, nowMs: Int64
    ) throws(Problem) -> PayoutPolicy.Destination {
        guard case .payee(let payee)? = row?.lifecycle else {
            throw Problem(.payeeUnknown, "say first where the money goes: PUT /api/payees/{did}")
        }
        guard let destination = payee.policy(at: nowMs)?.destination(currency: currency, rail: rail) else {
            let way = rail.map { " by \($0)" } ?? ""
            throw Problem(.destinationMissing, "no destination for \(currency)\(way) is in force")
        }
        return destination
    }

    /// Asks the rail whether it would take a payout.
    /// - Throws: what the rail refuses; `rail_unavailable`.
    private func preview(_ payout: Payout) async throws(Problem) {
        switch await worker?.preview(payout) {
        case .refused(let refusal): throw Problem(refusal)
        case .unavailable: throw Problem(.railUnavailable, "the rail \(payout.rail) cannot take this now")
        case .ready, nil: return
        }
    }
}
