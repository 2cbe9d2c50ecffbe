import Kernel
import Settlement

/// For processes that move payouts on and settle nothing: a payment waits for one that does.
struct SettlesNothing: PaymentSettling {
    private static let why = "this process settles no payments"

    func settle(_ payment: Payment) async -> PaymentSettlement { .later(Self.why) }

    func parts(ofSettlement id: String) async throws(LedgerFailure) -> [PayeePart] { throw .rejected(Self.why) }

    func takeBack(
        settlement id: String, amountMinor: Int64, to destination: RefundDestination, reason: String, key: String
    ) async throws(LedgerFailure) -> Outcome { throw .rejected(Self.why) }
}
