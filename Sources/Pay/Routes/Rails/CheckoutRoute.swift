import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    var checkoutRoute: Route {
        Route(
            .post, "/api/checkout", id: "checkout", summary: "Makes a payment by a rail.",
            description: """
                Freezes payer, amount, currency and manifest, which is verified as for a settlement. The payer pays at \
                `url`; without `from_did` it is a guest. With a manifest the payment settles by itself when the rail \
                confirms it; without one the service settles with `funding.reference` = `id`. The same key and body \
                again get the same answer; after 503 `rail_unavailable` the same key carries on.
                """,
            tag: "payments", auth: .signed(scopes: ["settle"], note: "`from_did` itself"), idempotency: .required,
            request: PaySchema.checkoutRequest, responses: [.json(201, "To be paid.", PaySchema.checkout)],
            errors: ProblemCode.ofOpening + ProblemCode.ofManifests + ProblemCode.ofSolana + [
                .contributorNotPayable, .destinationMissing, .destinationNotPayable,
            ]
        ) { call in
            try await makePayment(try CheckoutRequest(checkout: try call.json().root), target: "checkout", call)
        }
    }

    var topUpRoute: Route {
        Route(
            .post, "/api/balance/topup", id: "topUp", summary: "Makes a payment that becomes a balance.",
            description: "What arrives is cash of `did`, less what the payee bears of the rail's fee.",
            tag: "balances", auth: .signed(scopes: ["settle"], note: "`did` itself"), idempotency: .required,
            request: PaySchema.topUpRequest, responses: [.json(201, "To be paid.", PaySchema.checkout)],
            errors: ProblemCode.ofOpening
        ) { call in
            try await makePayment(try CheckoutRequest(topUp: try call.json().root), target: "topup", call)
        }
    }

    /// Makes a payment. The order of the checks is a settlement's: form, caller, manifest, rail, currency, payees; then
    /// the payer, the return URLs, and what the rail says. Refusals by the manifest and after are the book's to answer,
    /// because a known key's first answer counts.
    private func makePayment(_ request: CheckoutRequest, target: String, _ call: Call) async throws -> Reply {
        let caller = try call.requireCaller()
        try rules.requireSettling(
            of: request.payer, amountMinor: request.amountMinor, by: caller, nowMs: call.receivedAt)
        var manifest: KnownManifest?
        if let reference = request.manifest {
            do throws(ManifestFailure) {
                manifest = try await self.manifest(reference, chain: request.chain)
            } catch {
                let error = try Self.storable(error)
                let hash = RequestHash.of(target, request.body, manifestHash: reference.refusedHash)
                let problem = Problem(ProblemCode.named(error.code, status: 422), error.reason)
                return try await answer(try await refuse(problem, call, requestHash: hash), call)
            }
        }
        let isInline = request.manifest?.isInline == true
        let hash = RequestHash.of(
            target, request.body, manifestHash: isInline ? manifest?.canonicalHash ?? [] : [])
        let payment: Payment
        do throws(Problem) {
            payment = try await draft(request, manifest: manifest, creator: caller.did, nowMs: call.receivedAt)
        } catch {
            return try await answer(try await refuse(error, call, requestHash: hash), call)
        }
        let command = LifecycleCommands.open(
            .openPayment(payment), id: payment.id, owners: [], caller: caller.did.string,
            key: call.idempotencyKey ?? "", requestHash: hash)
        return try await answer(try await record(command.traced(call.traceID), with: manifest), call)
    }

    /// The payment that a request asks for.
    /// - Throws: `rail_off`, `rail_unsupported`, `currency_unknown`, what the manifest's split throws,
    ///   `account_not_payable`, `return_url_not_allowed`, `amount_invalid`.
    private func draft(
        _ request: CheckoutRequest, manifest: KnownManifest?, creator: DID, nowMs: Int64
    ) async throws(Problem) -> Payment {
        let abilities = try on(request.rail, able: .collect).capabilities
        let paysThrough = request.isDirect && abilities.contains(.payThrough)
        if request.isDirect, !paysThrough { try on(request.rail, able: .splitDirectly) }
        guard !paysThrough || manifest != nil else {
            throw Body.invalid("direct", "needs a manifest on this rail: the payer pays its contributors")
        }
        guard let currency = Currency.named(request.currencyCode) else {
            throw Problem(.currencyUnknown, "the node knows no such currency")
        }
        guard let desk else { throw Problem(.railOff) }
        let id = dependencies.makeID("pay_")
        let payer = if let payer = request.payer { payer } else { try Self.guest(id) }
        var plan: SettlementPlan?
        if let manifest {
            let terms = SettlementTerms(
                payer: payer, grossMinor: request.amountMinor, currency: currency, service: request.service,
                type: request.type, metadataJSON: request.metadataJSON)
            do throws(PlanFailure) { plan = try planner.plan(terms, manifest: manifest) } catch {
                throw Problem(ProblemCode.named(error.code, status: 422), error.reason)
            }
        }
        guard SplitPlan.holdsBalances(payer) else {
            throw Problem(.accountNotPayable, "no balance is held for \(payer): use a did:imajin DID, or none")
        }
        for (name, url) in [("success_url", request.successURL), ("cancel_url", request.cancelURL)]
        where !desk.returnOrigins.allows(url) {
            throw Problem(.returnURLNotAllowed, "\(name) is not of an origin that the operator allows")
        }
        guard let surcharge = desk.surchargeMinor(on: request.amountMinor, currency: currency.code) else {
            throw Problem(.amountInvalid, "with the rail's surcharge the amount is above \(Money.amountMaxMinor)")
        }
        var payment = Payment(
            id: id, rail: request.rail, creator: creator.string, payer: payer.string,
            amountMinor: request.amountMinor, surchargeMinor: paysThrough ? 0 : surcharge, currency: currency.code,
            purpose: request.isTopUp ? .topUp : manifest.map { .settle(manifestCID: $0.cidText) } ?? .spend,
            feeBearer: desk.feeBearer, isDirect: request.isDirect && !paysThrough, service: request.service,
            type: request.type,
            metadataJSON: request.metadataJSON, successURL: request.successURL, cancelURL: request.cancelURL,
            expiresAtMs: nowMs + desk.paymentLifeMs)
        if paysThrough, let plan { payment.direct = try await directSplit(plan, rail: request.rail, nowMs: nowMs) }
        return payment
    }

    /// A DID of its own for a payer who names none.
    private static func guest(_ paymentID: String) throws(Problem) -> DID {
        do throws(CryptographyError) { return try DID(kind: .soft, id: paymentID) } catch {
            throw Problem(.internalError)
        }
    }

    /// Has the book open a payment and record its manifest, both or neither.
    private func record(_ command: Command, with manifest: KnownManifest?) async throws -> Decision {
        guard let manifest, !manifest.isRecorded else { return try await submit(command) }
        // Its identity is the manifest's: recorded once, whoever asks.
        let hash = RequestHash.of("checkout/manifest", nil, manifestHash: manifest.canonicalHash)
        let record = Command(
            caller: LifecycleCommands.node, key: "manifest:" + Hex.encode(hash), requestHash: hash,
            action: .recordManifests(manifest.records))
        let decisions = try await submit([record, command], atomically: true)
        guard decisions[0].outcome.isDone || decisions[0].outcome.code == ProblemCode.batchAborted.code else {
            throw decisions[0].outcome.problem
        }
        if decisions[1].outcome.isDone { manifest.markRecorded() }
        return decisions[1]
    }
}
