package import Cryptography
package import Kernel
package import Service
import Settlement

/// A settlement request that can go to the book: an order, or a refusal that a retry must get again.
package struct PreparedSettlement: Sendable {
    /// What the book is asked.
    package let command: Command
    /// The manifest, to be marked as recorded when the order is done.
    let manifest: KnownManifest?
    let lineCount: Int
    /// The payment that the payer still has to make, so that the book will say that it was not received.
    var awaited: String?
}

extension PayService {
    /// Does everything about a settlement but the book's part.
    ///
    /// The order of the checks: the body's form; the caller; the manifest (malformed, unsigned, signature, signer,
    /// platform, weights, chain); the currency; the payees; the payment; the payer's consent. Refusals by the manifest
    /// and after are commands, because a retry must get them again and because a known key's first answer counts.
    /// - Throws: what the book is not asked about: 400, 403 for the caller, 503, `chain_unresolved`.
    package func prepare(
        _ body: JSONValue, key: String, caller: Caller, nowMs: Int64
    ) async throws(Problem) -> PreparedSettlement {
        let request = try SettleRequest(body)
        try rules.requireSettling(of: request.payer, amountMinor: request.grossMinor, by: caller, nowMs: nowMs)
        let hash: ([UInt8]) -> [UInt8] = { RequestHash.of(RequestHash.settle, body, manifestHash: $0) }
        func refusal(
            _ code: String, _ detail: String, _ hash: [UInt8], status: Int = 422
        ) -> PreparedSettlement {
            let order = RefuseOrder(status: status, code: code, detail: detail)
            return PreparedSettlement(
                command: Command(caller: caller.did.string, key: key, requestHash: hash, action: .refuse(order)),
                manifest: nil, lineCount: 0)
        }

        let manifest: KnownManifest
        do throws(ManifestFailure) {
            manifest = try await self.manifest(request.manifest, chain: request.chain)
        } catch {
            let error = try Self.storable(error)
            return refusal(error.code, error.reason, hash(request.manifest.refusedHash))
        }
        let requestHash = hash(request.isInline ? manifest.canonicalHash : [])
        guard let currency = Currency.named(request.currencyCode) else {
            return refusal(ProblemCode.currencyUnknown.code, "the node knows no such currency", requestHash)
        }
        let terms = SettlementTerms(
            payer: request.payer, grossMinor: request.grossMinor, currency: currency, service: request.service,
            type: request.type, metadataJSON: request.metadataJSON)
        let payment = try await payment(of: request)
        let plan: SettlementPlan
        do throws(PlanFailure) {
            // For a payment over something else there is no fee to plan with: the book refuses it.
            plan = try planner.plan(terms, manifest: manifest, payment: request.fits(payment) ? payment : nil)
        } catch {
            return refusal(error.code, error.reason, requestHash)
        }
        if case .rail(let name, _) = request.funding {
            guard let payment else {
                return refusal(
                    ProblemCode.paymentUnknown.code, "no rail of this node has confirmed this payment: \(name)",
                    requestHash)
            }
            // The payer agreed by paying.
            var order = plan.order(consent: .payer, settlementID: dependencies.makeID("stl_"))
            order.funding = .payment(id: payment.id, rail: payment.rail)
            let command = Command(
                caller: caller.did.string, key: key, requestHash: requestHash, action: .settle(order))
            return PreparedSettlement(
                command: command, manifest: manifest, lineCount: plan.split.amountsMinor.count,
                awaited: payment.isAwaited ? payment.id : nil)
        }
        let consent: Consent
        do throws(Problem) {
            consent = try await rules.consent(to: request, by: caller.did, manifestCID: manifest.cidText)
        } catch {
            guard error.code == .payerConsentMissing else { throw error }
            // Not stored, and yet for the book: what was settled under this key before is answered as it was.
            return refusal(error.code.code, error.detail ?? error.code.title, requestHash, status: error.status)
        }
        let order = plan.order(consent: consent, settlementID: dependencies.makeID("stl_"))
        let command = Command(
            caller: caller.did.string, key: key, requestHash: requestHash, action: .settle(order))
        return PreparedSettlement(command: command, manifest: manifest, lineCount: plan.split.amountsMinor.count)
    }

    /// The payment that a request names; nil for a balance, and where the rail has no such payment. Whose it is, and
    /// whether it fits, is for the book to say.
    private func payment(of request: SettleRequest) async throws(Problem) -> Payment? {
        guard case .rail(let name, let id) = request.funding, let row = try await lifecycle(id),
            case .payment(let payment) = row.lifecycle, payment.rail.rawValue == name
        else { return nil }
        return payment
    }

    /// A request's manifest, verified. One that was seen before costs a hash.
    func manifest(
        _ reference: SettleRequest.ManifestReference, chain: [JSONValue]
    ) async throws(ManifestFailure) -> KnownManifest {
        switch reference {
        case .inline(let json): return try await manifest(json, chain: chain)
        case .cid(let cid):
            if let known = library.cache.recorded(cid) {
                dependencies.metrics.lookedUp(isHit: true)
                return known
            }
            dependencies.metrics.lookedUp(isHit: false)
            return try await withTaskExecutorPreference(globalConcurrentExecutor) { () throws(ManifestFailure) in
                try await library.recorded(cid, links: chain)
            }
        }
    }

    /// A manifest as it arrived, verified; away from the event loop when there is something to verify.
    func manifest(_ json: JSONValue, chain: [JSONValue]) async throws(ManifestFailure) -> KnownManifest {
        if let known = library.cached(json) {
            dependencies.metrics.lookedUp(isHit: true)
            return known
        }
        dependencies.metrics.lookedUp(isHit: false)
        return try await withTaskExecutorPreference(globalConcurrentExecutor) { () throws(ManifestFailure) in
            try await library.verify(json, links: chain)
        }
    }

    /// The error where a retry must get it again.
    /// - Throws: the others: what may come out otherwise later.
    static func storable(_ failure: ManifestFailure) throws(Problem) -> ManifestError {
        switch failure {
        case .store(let failure): throw Problem(failure)
        case .refused(.chainUnresolved(let missing)):
            throw Problem(.chainUnresolved, ManifestError.chainUnresolved(missing).reason)
        case .refused(.keyUnavailable(let did)):
            throw Problem(.identityUnavailable, ManifestError.keyUnavailable(did).reason)
        case .refused(.chainInvalid(let link, .keyUnavailable(let did))):
            throw Problem(.identityUnavailable, "\(link) in the chain: \(ManifestError.keyUnavailable(did).reason)")
        case .refused(let error): return error
        }
    }
}

extension SettleRequest {
    var isInline: Bool { manifest.isInline }

    /// Whether a payment is over what is asked for.
    fileprivate func fits(_ payment: Payment?) -> Bool {
        payment?.amountMinor == grossMinor && payment?.currency == currencyCode
    }
}

extension SettleRequest.ManifestReference {
    var isInline: Bool {
        if case .inline = self { true } else { false }
    }

    /// What stands in a request's hash for a manifest that was refused.
    var refusedHash: [UInt8] {
        if case .inline(let json) = self { SHA256.hash(json.canonicalBytes()) } else { [] }
    }
}

extension Payment {
    /// Whether its payer may still pay as asked.
    var isAwaited: Bool { status == .opening || status == .pending }
}
