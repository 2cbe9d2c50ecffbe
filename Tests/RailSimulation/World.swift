import Cryptography
import Kernel
import LedgerDouble
import RailWorld
import Settlement
import Synchronization

/// One node over one rail, on a simulated clock: people check out, pay, are paid out, refund and dispute, while calls,
/// replies and commits get lost.
final class World {
    let book: BookIdentity
    let ledger: FlakyLedger
    let rail: FaultyRail
    let worker: RailWorker
    let settling: PlainSettling
    var random: TestRandom
    var payments: [String] = []
    var disputes: [String: DisputeFacts] = [:]
    var refundsAtRail: [String: RailFacts] = [:]
    private var made = 0

    static let currency = FaultyRail.account
    /// A currency that the rail converts.
    static let foreign = "EUR"
    /// A destination that refuses every payout.
    static let closedDestination = "acct_closed"

    init(seed: UInt64, faults: FaultyRail.Faults, lossPerThousand: UInt64) {
        let clock = ClockBox()
        book = BookIdentity(bookID: Int64(seed), name: "seed \(seed)", node: People.book.node)
        let ledger = FlakyLedger(
            LedgerDouble(book: book, clock: { clock.nowMs }), seed: seed &* 3 &+ 1, lossPerThousand: lossPerThousand)
        let rail = FaultyRail(seed: seed &* 5 &+ 2, faults: faults)
        let settling = PlainSettling(ledger: ledger)
        let ids = Mutex(0)
        self.clock = clock
        self.ledger = ledger
        self.rail = rail
        self.settling = settling
        worker = RailWorker(
            ledger: ledger, rails: [rail], settling: settling, clock: { clock.nowMs },
            makeID: { prefix in
                let number = ids.withLock { number in
                    number += 1
                    return number
                }
                return "\(prefix)\(number)"
            })
        random = TestRandom(seed: seed)
    }

    let clock: ClockBox

    /// A clock that a test turns.
    final class ClockBox: Sendable {
        private let time = Mutex(People.noonMs)
        var nowMs: Int64 { time.withLock { $0 } }
        func advance(_ ms: Int64) { time.withLock { $0 += ms } }
    }

    func nextID(_ prefix: String) -> String {
        made += 1
        return "\(prefix)s\(made)"
    }

    // MARK: What people do

    func checkOut(
        _ amountMinor: Int64, _ currency: String = World.currency, purpose: Payment.Purpose, isDirect: Bool = false
    ) async -> String {
        let id = nextID("pay_")
        let payment = Payment(
            id: id, rail: .stripe, creator: People.shop.string, payer: People.cyd.string, amountMinor: amountMinor,
            surchargeMinor: 0, currency: currency, purpose: purpose, feeBearer: .payees, isDirect: isDirect,
            service: "shop", type: "order", metadataJSON: [], successURL: "", cancelURL: "",
            expiresAtMs: clock.nowMs + 86_400_000)
        await ledger.open(payment)
        payments.append(id)
        _ = try? await worker.drive(id)
        return id
    }

    func withdraw(_ did: DID, _ amountMinor: Int64, to destination: String = "acct_open") async {
        let payout = Payout(
            id: nextID("po_"), payee: did.string, rail: .stripe, destination: destination, amountMinor: amountMinor,
            currency: Self.currency, cause: .withdrawal, creator: did.string, nowMs: clock.nowMs)
        _ = try? await worker.open(payout, key: payout.id)
        _ = try? await worker.drive(payout.id)
    }

    func refund(_ paymentID: String, _ amountMinor: Int64) async {
        guard let payment = payment(paymentID) else { return }
        let id = nextID("rrf_")
        await settling.refund(payment, amountMinor, as: id)
        _ = try? await worker.drive(id)
    }

    /// Somebody refunds a payment at the rail itself.
    func refundAtRail(_ paymentID: String, _ amountMinor: Int64) {
        guard let payment = payment(paymentID), payment.receivedMinor > 0, refundsAtRail[paymentID] == nil else {
            return
        }
        var facts = RailFacts(standing: .done, reference: "re_\(paymentID)", amountMinor: amountMinor)
        let settled = rail.settled(amountMinor, payment.currency)
        if payment.currency != Self.currency { (facts.settledCurrency, facts.settledMinor) = (Self.currency, settled) }
        refundsAtRail[paymentID] = facts
        rail.take(settled)
    }

    /// A bank contests a payment, and decides.
    func dispute(_ paymentID: String) {
        guard disputes[paymentID] == nil, let payment = payment(paymentID), payment.receivedMinor > 0 else { return }
        let amount = payment.receivedMinor
        var facts = DisputeFacts(
            reference: "dp_\(paymentID)", standing: .open, amountMinor: amount, withdrawnMinor: 0,
            reinstatedMinor: 0, feeMinor: 15, feeReturnedMinor: 0, reason: "fraudulent")
        if payment.currency != Self.currency {
            facts.settled = SettledDispute(currency: Self.currency, withdrawnMinor: 0, reinstatedMinor: 0)
        }
        rail.take(15)
        disputes[paymentID] = facts
        withdraw(paymentID)
    }

    private func withdraw(_ paymentID: String) {
        guard var facts = disputes[paymentID], let payment = payment(paymentID) else { return }
        let settled = rail.settled(facts.amountMinor, payment.currency)
        facts.withdrawnMinor += facts.amountMinor
        facts.settled?.withdrawnMinor += settled
        rail.take(settled)
        disputes[paymentID] = facts
    }

    private func reinstate(_ paymentID: String) {
        guard var facts = disputes[paymentID], let payment = payment(paymentID) else { return }
        let settled = rail.settled(facts.amountMinor, payment.currency)
        facts.reinstatedMinor += facts.amountMinor
        facts.settled?.reinstatedMinor += settled
        rail.take(-settled)
        disputes[paymentID] = facts
    }

    func decide(_ paymentID: String, isWon: Bool) {
        guard disputes[paymentID]?.standing == .open else { return }
        if isWon {
            reinstate(paymentID)
            disputes[paymentID]?.feeReturnedMinor = 15
            rail.take(-15)
        }
        disputes[paymentID]?.standing = isWon ? .won : .lost
    }

    /// A bank changes its mind, once or twice.
    func overturn(_ paymentID: String) {
        guard let facts = disputes[paymentID], facts.withdrawnMinor <= facts.amountMinor else { return }
        switch facts.standing {
        case .open: return
        case .lost: reinstate(paymentID)
        case .won: withdraw(paymentID)
        }
        disputes[paymentID]?.standing = facts.standing == .lost ? .won : .lost
    }

    /// Webhooks arrive: late, twice, in any order.
    func deliver() async {
        let refunds = refundsAtRail.sorted { $0.key < $1.key }.map { RailNews.refund(paymentID: $0.key, $0.value) }
        let contested = disputes.sorted { $0.key < $1.key }.map { RailNews.dispute(paymentID: $0.key, $0.value) }
        for news in rail.news() + refunds + contested {
            _ = try? await worker.take(news, from: .stripe)
        }
    }

    // MARK: Reading

    func payment(_ id: String) -> Payment? { ledger.payment(id) }

    func balance(_ key: AccountKey) -> Int64 { ledger.balance(key) }

    func cash(_ did: DID) -> Int64 { balance(.cash(did.string, Self.currency)) }
}

extension FaultyRail {
    /// The bank takes money out of the account, or gives it back.
    func take(_ amountMinor: Int64) { core.withLock { $0.balances[Self.account, default: 0] -= amountMinor } }

    /// What an amount is in the account's currency just now.
    func settled(_ amountMinor: Int64, _ currency: String) -> Int64 {
        currency == Self.account ? amountMinor : core.withLock { $0.converted(amountMinor) }
    }
}
