import Cryptography
import StripeSimulator

/// A platform that does anything at all, while everything goes wrong, as a seed decides.
struct StormyRun {
    var shop: Shop
    private(set) var sellers: [String] = []
    private(set) var answers: [[UInt8]] = []
    private(set) var statuses: Set<Int> = []
    private var random: SimulatorRandom
    private var keyCount = 0

    init(seed: UInt64) {
        random = SimulatorRandom(seed: seed)
        var random = random
        shop = Shop(seed: seed) { configuration in
            if random.chance(perMille: 300) { configuration.balanceTransactionDelayMs = 90_000 }
            if random.chance(perMille: 300) { configuration.refundsWhenShort = .pending }
        }
        self.random = random
        shop.world.topUp(amountMinor: 5_000, currency: "cad", nowMs: shop.nowMs)
        for _ in 0..<3 { if let seller = try? shop.seller() { sellers.append(seller) } }
        shop.world.faults = StripeFaults(seed: seed, rates: .stormy)
    }

    /// One step: a request, a hook, or time.
    mutating func step() {
        switch random.below(10) {
        case 0...5: request()
        case 6...7: hook()
        case 8: shop.nowMs += Int64(random.below(Int(2 * Shop.dayMs)))
        default:
            for webhook in shop.world.takeWebhooks(nowMs: shop.nowMs) where random.chance(perMille: 100) {
                shop.world.refuseWebhook(webhook, nowMs: shop.nowMs)
            }
        }
    }

    private mutating func any(_ kind: String) -> String { random.pick(shop.world.ids(of: kind)) ?? "none" }

    private mutating func request() {
        let amountMinor = Int64(random.below(3_000) + 1)
        let seller = random.pick(sellers) ?? "none"
        var account: String?
        let (path, form): (String, String)
        switch random.below(9) {
        case 0:
            let method = ["pm_card_visa", "pm_card_visa_chargeDeclined", "pm_acssDebit"][random.below(3)]
            let currency = ["cad", "cad", "usd", "eur"][random.below(4)]
            path = "/v1/payment_intents"
            form = "amount=\(amountMinor + 50)&currency=\(currency)&confirm=true&payment_method=\(method)"
        case 1:
            path = "/v1/checkout/sessions"
            form =
                "mode=payment&success_url=https://s.test&line_items[0][price_data][currency]=cad"
                + "&line_items[0][price_data][unit_amount]=\(amountMinor + 50)"
                + "&line_items[0][price_data][product_data][name]=Thing"
        case 2...3:
            path = "/v1/transfers"
            let source = random.chance(perMille: 700) ? "&source_transaction=\(any("charge"))" : ""
            form = "amount=\(amountMinor)&currency=cad&destination=\(seller)\(source)"
        case 4:
            path = "/v1/transfers/\(any("transfer"))/reversals"
            form = random.chance(perMille: 500) ? "" : "amount=\(amountMinor)"
        case 5...6:
            path = "/v1/refunds"
            form = "charge=\(any("charge"))" + (random.chance(perMille: 300) ? "" : "&amount=\(amountMinor)")
        case 7:
            path = "/v1/payouts"
            form = "amount=\(amountMinor)&currency=cad"
            account = random.chance(perMille: 700) ? seller : nil
        default:
            path = "/v1/payouts/\(any("payout"))/cancel"
            form = ""
        }
        keyCount += 1
        let request = Shop.request("POST", path, form, key: "k\(keyCount)", account: account)
        // A client tries again a few times with the same key.
        for _ in 0..<3 {
            let exchange = shop.world.exchange(request, nowMs: shop.nowMs)
            if let answer = exchange.outcome.answer {
                answers.append(answer.body)
                statuses.insert(answer.status)
                if answer.status < 409 { break }
            }
            shop.nowMs += 1000
        }
    }

    /// Hooks that do not fit are refused, and that is no matter here.
    private mutating func hook() {
        let nowMs = shop.nowMs
        switch random.below(8) {
        case 0:
            let payment = [StripePayment.paid, .processing, .declined(code: "insufficient_funds")][random.below(3)]
            let session = any("checkout.session")
            try? shop.world.completeCheckout(session, payment: payment, nowMs: nowMs)
        case 1...2:
            let intent = any("payment_intent")
            try? shop.world.settle(paymentIntent: intent, succeeds: random.chance(perMille: 700), nowMs: nowMs)
        case 3:
            let refund = any("refund")
            try? shop.world.failRefund(refund, nowMs: nowMs)
        case 4:
            let charge = any("charge")
            _ = try? shop.world.openDispute(charge: charge, withdrawing: random.chance(perMille: 800), nowMs: nowMs)
        case 5:
            let dispute = any("dispute")
            try? shop.world.closeDispute(dispute, won: random.chance(perMille: 500), nowMs: nowMs)
        case 6:
            let payout = any("payout")
            try? shop.world.finishPayout(payout, paid: random.chance(perMille: 700), nowMs: nowMs)
        default:
            _ = shop.world.payOutAutomatically(
                account: random.chance(perMille: 500) ? random.pick(sellers) : nil, currency: "cad", nowMs: nowMs)
        }
    }
}
