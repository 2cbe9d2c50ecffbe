/// What a test may look at without a request.
extension StripeWorld {
    /// What an account has: nil is the platform.
    public func balance(of account: String? = nil, currency: String) -> StripeBalance {
        ledger.balance(of: account ?? configuration.platform, currency)
    }

    /// One line for every account and currency whose balance is not the sum of its balance transactions' `net`, in all
    /// and of what is available: none, always.
    public func balanceProof() -> [String] {
        var sums: [String: StripeBalance] = [:]
        for id in idsByKind["balance_transaction"] ?? [] {
            guard let transaction = objects[id] else { continue }
            let place = "\(transaction.owner) \(transaction.currency)"
            var sum = sums[place] ?? StripeBalance(availableMinor: 0, pendingMinor: 0)
            let net = transaction.amount - transaction.int("fee")
            if transaction.status == "available" { sum.availableMinor += net } else { sum.pendingMinor += net }
            sums[place] = sum
        }
        var faults: [String] = []
        for owner in ledger.owners {
            for currency in ledger.currencies(of: owner) {
                let held = ledger.balance(of: owner, currency)
                let sum = sums.removeValue(forKey: "\(owner) \(currency)")
                if held != sum {
                    faults.append("\(owner) \(currency): holds \(held), transactions sum to \(sum as Any)")
                }
            }
        }
        return faults + sums.keys.sorted().map { "\($0): transactions without a balance" }
    }

    /// The ids of all objects of a kind, `charge`, `transfer`, oldest first.
    public func ids(of kind: String) -> [String] { idsByKind[kind] ?? [] }

    /// An object as the API shows it, JSON; nil where there is none.
    public func object(_ id: String) -> [UInt8]? { objects[id].map { StripeValue.object($0.fields).bytes } }
}

/// A balance in one currency, minor units.
public struct StripeBalance: Hashable, Sendable {
    /// What may be transferred or paid out; below 0 where more was taken than there was.
    public var availableMinor: Int64
    /// What will be available later; below 0 where more is owed than came in.
    public var pendingMinor: Int64

    /// Makes a balance.
    public init(availableMinor: Int64, pendingMinor: Int64) {
        self.availableMinor = availableMinor
        self.pendingMinor = pendingMinor
    }
}
