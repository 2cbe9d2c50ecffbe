/// What a test may look at without a request.
extension StripeWorld {
    /// What an account has: nil is the platform.
    public func balance(of account: String? = nil, currency: String) -> StripeBalance {
        StripeBalance(availableMinor: 0, pendingMinor: 0)
    }

    /// One line for every account and currency whose balance is not the sum of its balance transactions' `net`:
    /// none, always.
    public func balanceProof() -> [String] { [] }

    /// The ids of all objects of a kind, `charge`, `transfer`, oldest first.
    public func ids(of kind: String) -> [String] { [] }

    /// An object as the API shows it, JSON; nil where there is none.
    public func object(_ id: String) -> [UInt8]? { nil }
}

/// A balance in one currency, minor units.
public struct StripeBalance: Hashable, Sendable {
    /// What may be transferred or paid out.
    public var availableMinor: Int64
    /// What will be available later; below 0 where more is owed than came in.
    public var pendingMinor: Int64
}
