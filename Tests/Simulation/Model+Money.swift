import Kernel

extension Model {
    /// An entry to be: what each account gains in debits less credits, and in held debits and credits.
    struct Movement {
        var kind: String
        var id: String
        /// Debits less credits.
        var posted: [AccountKey: Int128] = [:]
        var heldDebit: [AccountKey: Int128] = [:]
        var heldCredit: [AccountKey: Int128] = [:]

        var accounts: Set<AccountKey> {
            Set(posted.keys).union(heldDebit.keys).union(heldCredit.keys)
        }

        mutating func debit(_ key: AccountKey, _ amount: Int128) { posted[key, default: 0] += amount }
        mutating func credit(_ key: AccountKey, _ amount: Int128) { posted[key, default: 0] -= amount }

        /// What each account's sums grow by, zeros left out.
        var growth: [AccountKey: Sums] {
            var growth: [AccountKey: Sums] = [:]
            for key in accounts {
                let net = posted[key] ?? 0
                let sums = Sums(
                    debit: max(net, 0), credit: max(-net, 0), heldDebit: heldDebit[key] ?? 0,
                    heldCredit: heldCredit[key] ?? 0)
                if sums != Sums() { growth[key] = sums }
            }
            return growth
        }
    }

    /// What an account holds less what is reserved of it.
    func available(_ key: AccountKey) -> Int128 { (sums[key] ?? Sums()).available(key.kind) }

    func owed(_ did: String, _ currency: String) -> Int128 {
        let sums = sums[AccountKey(owner: did, kind: .receivable, currency: currency)] ?? Sums()
        return sums.debit - sums.credit
    }

    /// Cash for somebody, less what they owe.
    func pay(_ did: String, _ currency: String, _ amount: Int128, _ movement: inout Movement) {
        let receivable = AccountKey(owner: did, kind: .receivable, currency: currency)
        let netted = min(max(owed(did, currency) + (movement.posted[receivable] ?? 0), 0), amount)
        if netted > 0 { movement.credit(receivable, netted) }
        if amount > netted {
            movement.credit(AccountKey(owner: did, kind: .cash, currency: currency), amount - netted)
        }
    }

    /// Money back from an account as far as it goes, the rest owed.
    func takeBack(_ key: AccountKey, _ amount: Int128, _ movement: inout Movement) {
        let here = min(max(available(key) - (movement.posted[key] ?? 0), 0), amount)
        if here > 0 { movement.debit(key, here) }
        if amount > here {
            movement.debit(AccountKey(owner: key.owner, kind: .receivable, currency: key.currency), amount - here)
        }
    }

    /// Money out of a balance, credit first; `nil` when there is not enough.
    func spend(
        _ amount: Int128, moving: Int128? = nil, _ did: String, _ currency: String, _ movement: inout Movement
    ) -> Int128? {
        let credit = AccountKey(owner: did, kind: .credit, currency: currency)
        let cash = AccountKey(owner: did, kind: .cash, currency: currency)
        let limit = Int128(heldBack[did]?[currency] ?? 0)
        guard available(credit) + available(cash) - limit >= amount else { return nil }
        let moving = moving ?? amount
        let fromCredit = min(available(credit), moving)
        if fromCredit > 0 { movement.debit(credit, fromCredit) }
        if moving > fromCredit { movement.debit(cash, moving - fromCredit) }
        return fromCredit
    }

    /// Whether the book could not take this: a sum past 64 bits, or an account below its floor.
    func refusal(of movement: Movement) -> Prediction? {
        var allowed: [Answer] = []
        for (key, growth) in movement.growth {
            let before = sums[key] ?? Sums()
            let after = before.adding(growth)
            if after.all.contains(where: { $0 > Int128(Int64.max) || $0 < 0 }) {
                allowed.append(Answer(status: 422, code: "amount_overflow"))
            }
            let hasFloor = [.cash, .credit, .escrow, .receivable].contains(key.kind)
            if hasFloor, after.available(key.kind) < min(before.available(key.kind), 0) {
                allowed.append(Answer(status: 402, code: "insufficient_funds"))
            }
        }
        return allowed.isEmpty ? nil : Prediction(allowed: allowed, isStored: true)
    }

    mutating func move(_ movement: Movement) {
        for (key, growth) in movement.growth { sums[key] = (sums[key] ?? Sums()).adding(growth) }
    }

    /// Each share's part of a total: the whole part, and one more for the largest fractions.
    static func shares(_ shares: [Int64], of total: Int64) -> [Int128] {
        let whole = shares.reduce(Int128(0)) { $0 + Int128($1) }
        guard whole > 0 else { return shares.map { _ in 0 } }
        var parts = shares.map { Int128($0) * Int128(total) / whole }
        let byFraction = shares.indices.sorted { left, right in
            let (one, other) = (
                Int128(shares[left]) * Int128(total) % whole, Int128(shares[right]) * Int128(total) % whole
            )
            return one == other ? left < right : one > other
        }
        let missing = Int128(total) - parts.reduce(0, +)
        for index in byFraction.prefix(Int(missing)) { parts[index] += 1 }
        return parts
    }
}

extension Model.Sums {
    func available(_ kind: AccountKind) -> Int128 {
        switch kind {
        case .receivable, .clearing, .disputed, .exchange, .devFunding, .railFees, .promotions:
            debit - credit - heldCredit
        case .cash, .credit, .escrow, .fees, .gas, .payments, .suspense, .external: credit - debit - heldDebit
        }
    }

    func adding(_ other: Self) -> Self {
        Self(
            debit: debit + other.debit, credit: credit + other.credit, heldDebit: heldDebit + other.heldDebit,
            heldCredit: heldCredit + other.heldCredit)
    }
}
