import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    /// How the payer of a checkout pays the payees itself: who gets what, and where; the settlement's id is made now.
    ///
    /// A payee is paid where its payout policy says for this rail and currency, else at its own address, as long as the
    /// key that it is speaks for it.
    /// - Throws: `destination_missing`, `destination_not_payable`, `payee_frozen`; failures of the store.
    func directSplit(
        _ plan: SettlementPlan, rail: RailName, nowMs: Int64
    ) async throws(Problem) -> DirectSplit {
        guard let cid = try? CID(plan.manifest.cidText) else { throw Problem(.internalError) }
        var parts: [DirectSplit.Part] = []
        for total in plan.split.payeeTotals {
            let address = try await address(
                of: total.did, rail: rail, currency: plan.terms.currency.code, nowMs: nowMs)
            parts.append(DirectSplit.Part(did: total.did.string, address: address, amountMinor: total.amountMinor))
        }
        return DirectSplit(
            settlementID: dependencies.makeID("stl_"), manifestDigest: cid.digest, parts: parts,
            nodeMinor: plan.split.feeLines.reduce(0) { $0 + $1.amountMinor })
    }

    /// What a payer pays past the node reaches the payee like a payout: who may get none gets none of it.
    func requireUnfrozen(_ did: DID) async throws(Problem) {
        let restriction: Restriction
        do throws(LedgerFailure) {
            restriction = try await dependencies.store.restriction(of: did)
        } catch {
            throw Problem(error)
        }
        guard !restriction.isFrozen else {
            throw Problem(.destinationNotPayable, "an operator has frozen the account of \(did)")
        }
    }

    private func address(
        of did: DID, rail: RailName, currency: String, nowMs: Int64
    ) async throws(Problem) -> String {
        let standing: PayoutStanding
        do throws(LedgerFailure) {
            standing = try await desk?.payoutStanding(did) ?? .unbound(did)
        } catch {
            throw Problem(error)
        }
        guard !standing.isFrozen else {
            throw Problem(.destinationNotPayable, "payouts to \(did) are frozen until its identity is settled")
        }
        try await requireUnfrozen(did)
        if case .payee(let payee)? = try await lifecycle(Payee.id(did.string))?.lifecycle,
            let destination = payee.policy(at: nowMs)?.destination(currency: currency, rail: rail)
        {
            return destination.address
        }
        guard standing.ownAddressIsPayable, let key = did.publicKey else {
            throw Problem(
                .destinationMissing,
                "\(did) has no destination for \(currency) by \(rail): it sets one, or is paid without `direct`")
        }
        return Base58.encode(key.rawBytes)
    }
}
