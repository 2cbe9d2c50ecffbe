/// What every account holds, kept as money moves: each figure is also the sum of the balance transactions.
struct StripeLedger: Sendable {
    private var balances: [String: [String: StripeBalance]] = [:]
    /// Balance transactions whose money is not available yet.
    private var maturing: [Maturing] = []
    private var nextMaturityMs = Int64.max

    struct Maturing: Sendable {
        let atMs: Int64
        let owner: String
        let currency: String
        let netMinor: Int64
        let transaction: String
    }

    func balance(of owner: String, _ currency: String) -> StripeBalance {
        balances[owner]?[currency] ?? StripeBalance(availableMinor: 0, pendingMinor: 0)
    }

    /// The currencies in which an account ever held money, sorted.
    func currencies(of owner: String) -> [String] { (balances[owner] ?? [:]).keys.sorted() }

    /// Every account that ever held money, sorted.
    var owners: [String] { balances.keys.sorted() }

    /// Books a balance transaction; `atMs` nil: it is available now.
    mutating func book(_ transaction: String, of owner: String, _ currency: String, netMinor: Int64, atMs: Int64?) {
        var balance = balance(of: owner, currency)
        if let atMs {
            balance.pendingMinor += netMinor
            maturing.append(
                Maturing(atMs: atMs, owner: owner, currency: currency, netMinor: netMinor, transaction: transaction))
            nextMaturityMs = min(nextMaturityMs, atMs)
        } else {
            balance.availableMinor += netMinor
        }
        balances[owner, default: [:]][currency] = balance
    }

    /// Makes available what is due by then; answers it, earliest first.
    mutating func mature(byMs nowMs: Int64) -> [Maturing] {
        guard nowMs >= nextMaturityMs else { return [] }
        var due: [Maturing] = []
        var left: [Maturing] = []
        for entry in maturing { if entry.atMs <= nowMs { due.append(entry) } else { left.append(entry) } }
        maturing = left
        nextMaturityMs = left.map(\.atMs).min() ?? .max
        due.sort { ($0.atMs, $0.transaction) < ($1.atMs, $1.transaction) }
        for entry in due {
            var balance = balance(of: entry.owner, entry.currency)
            balance.pendingMinor -= entry.netMinor
            balance.availableMinor += entry.netMinor
            balances[entry.owner, default: [:]][entry.currency] = balance
        }
        return due
    }
}
