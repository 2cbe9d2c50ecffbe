public import Kernel

/// What the rails' worker needs of the side that knows manifests and settlements.
public protocol PaymentSettling: Sendable {
    /// Settles a received payment by the manifest that was frozen at its checkout.
    func settle(_ payment: Payment) async -> PaymentSettlement

    /// What each payee got of a settlement, fees excluded.
    func parts(ofSettlement id: String) async throws(LedgerFailure) -> [PayeePart]

    /// Takes a settlement's money back from those who got it, for a refund that the rail made by itself or a dispute
    /// that was lost.
    /// - Parameter key: the command's idempotency key, of the node.
    func takeBack(
        settlement id: String, amountMinor: Int64, to destination: RefundDestination, reason: String, key: String
    ) async throws(LedgerFailure) -> Outcome
}

/// What settling a payment comes to.
public enum PaymentSettlement: Hashable, Sendable {
    /// It is settled, now or before.
    case settled
    /// It can never be settled as it was meant.
    case refused(RailRefusal)
    /// Not now; why.
    case later(String)
}
