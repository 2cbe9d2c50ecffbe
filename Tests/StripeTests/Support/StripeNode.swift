import Cryptography
import Kernel
import LedgerDouble
import RailWorld
import Settlement
import Stripe
import StripeSimulator

/// A node's rails over the simulated Stripe, on one clock: people check out, pay, are paid out, refund, dispute and use
/// Stripe's dashboard, while requests, replies, events and commits get lost.
final class StripeNode {
    let stripe: SimulatedStripe
    let book: BookIdentity
    let ledger: FlakyLedger
    let worker: RailWorker
    let settling: PlainSettling
    private let rail: StripeRail
    var random: TestRandom
    private(set) var payments: [String] = []
    private var accounts: [DID: String] = [:]
    /// Events that were parked, as an inbox keeps them.
    private var parked: [[UInt8]] = []
    private var made = 0

    /// What lies in the balance before anything happens, so that transfers need not wait for charges to settle.
    static let ownMinor: Int64 = 5_000_000
    static let currencies = ["CAD", "USD"]

    init(seed: UInt64) async throws {
        let stripe = SimulatedStripe(seed: seed) {
            $0.endpoints = [StripeEndpoint(id: "we_1", secrets: ["whsec_1"])]
        }
        let time = stripe.time
        book = BookIdentity(bookID: Int64(seed), name: "seed \(seed)", node: People.book.node)
        ledger = FlakyLedger(
            LedgerDouble(book: book, clock: { time.now }), seed: seed &* 3 &+ 1, lossPerThousand: 40)
        rail = StripeRail(client: try stripe.client())
        settling = PlainSettling(ledger: ledger)
        worker = RailWorker(
            ledger: ledger, rails: [rail], settling: settling, clock: { time.now },
            makeID: { "\($0)w\(time.now)" })
        random = TestRandom(seed: seed)
        self.stripe = stripe
        for (index, payee) in PlainSettling.payees.enumerated() {
            accounts[payee] = try await stripe.seller("did:imajin:seller\(index)")
        }
        stripe.world { world, nowMs in
            for currency in ["cad", "usd"] {
                world.topUp(amountMinor: Self.ownMinor, currency: currency, nowMs: nowMs)
            }
            world.faults.setRates(.stormy)
        }
        for payee in PlainSettling.payees { await name(accounts[payee] ?? "", for: payee) }
    }

    /// Faults end.
    func calm() {
        ledger.calm()
        stripe.world { world, _ in world.faults.setRates(StripeFaults.Rates()) }
    }

    private func nextID(_ prefix: String) -> String {
        made += 1
        return "\(prefix)s\(made)"
    }

    func account(_ payee: DID) -> String { accounts[payee] ?? "" }

    private func name(_ account: String, for payee: DID) async {
        let policy = PayoutPolicy(
            destinations: Self.currencies.map { .init(rail: .stripe, currency: $0, address: account) },
            defaultRail: nil, schedule: .daily, minimumMinor: [:])
        let id = Payee.id(payee.string)
        let command = LifecycleCommands.open(
            .payee(.changed(policy, effectiveAtMs: stripe.time.now)), id: id, owners: [], caller: payee.string,
            key: id, requestHash: LifecycleCommands.hash(id))
        await ledger.untilDone(command)
    }

    // MARK: What people do

    func checkOut() async {
        let id = nextID("pay_")
        let purposes: [Payment.Purpose] = [
            .settle(manifestCID: "bafytest"), .settle(manifestCID: "bafytest"), .topUp, .spend,
        ]
        let payment = Payment(
            id: id, rail: .stripe, creator: People.shop.string, payer: People.cyd.string,
            amountMinor: random.within(100...20_000), surchargeMinor: 0,
            currency: random.pick(["CAD", "CAD", "USD", "EUR"]) ?? "CAD", purpose: random.pick(purposes) ?? .spend,
            feeBearer: .payees, isDirect: random.chance(perMille: 400), service: "shop", type: "order",
            metadataJSON: [], successURL: "https://shop.example/thanks", cancelURL: "https://shop.example/cart",
            expiresAtMs: stripe.time.now + 86_400_000)
        await ledger.open(payment)
        payments.append(id)
        _ = try? await worker.drive(id)
    }

    func pay(_ id: String) {
        guard let payment = payment(id), !payment.reference.isEmpty else { return }
        let isDeclined = random.chance(perMille: 200)
        _ = try? stripe.world { world, nowMs in
            try world.completeCheckout(
                payment.reference, payment: isDeclined ? .declined(code: "insufficient_funds") : .paid, nowMs: nowMs)
        }
    }

    func withdraw() async {
        guard let payee = random.pick(PlainSettling.payees), let currency = random.pick(Self.currencies),
            let balance = try? await ledger.inner.balances(of: payee).first(where: { $0.currency == currency }),
            balance.withdrawableMinor > 0
        else { return }
        let payout = Payout(
            id: nextID("po_"), payee: payee.string, rail: .stripe, destination: accounts[payee] ?? "",
            amountMinor: random.within(1...balance.withdrawableMinor), currency: currency, cause: .withdrawal,
            creator: payee.string, nowMs: stripe.time.now)
        _ = try? await worker.open(payout, key: payout.id)
        _ = try? await worker.drive(payout.id)
    }

    func refund(_ id: String) async {
        guard let payment = payment(id), payment.receivedMinor > 0 else { return }
        let (amount, refund) = (random.within(1...payment.receivedMinor), nextID("rrf_"))
        await settling.refund(payment, amount, as: refund)
        _ = try? await worker.drive(refund)
    }

    func dispute(_ id: String) {
        guard let payment = payment(id), payment.receivedMinor > 0, payment.returningMinor == 0 else { return }
        _ = try? stripe.world { world, nowMs in try world.openDispute(charge: payment.source, nowMs: nowMs) }
    }

    func decideDisputes() {
        for id in stripe.world({ world, _ in world.ids(of: "dispute") }) {
            let isWon = random.chance(perMille: 500)
            _ = try? stripe.world { world, nowMs in try world.closeDispute(id, won: isWon, nowMs: nowMs) }
        }
    }

    /// A payer's bank sends a refund back.
    func failRefund() {
        guard let id = random.pick(stripe.world({ world, _ in world.ids(of: "refund") })) else { return }
        _ = try? stripe.world { world, nowMs in try world.failRefund(id, nowMs: nowMs) }
    }

    /// Somebody uses the dashboard.
    func byHand(_ path: String, _ form: String) {
        let key = nextID("hand-")
        stripe.world { world, nowMs in
            // The dashboard loses nothing.
            world.faults.script("POST", path, nil)
            _ = world.handle(
                StripeRequest(
                    method: "POST", target: path, form: Array(form.utf8),
                    authorization: "Bearer sk_test_simulator", version: "2026-10-28.endive", idempotencyKey: key,
                    contentType: "application/x-www-form-urlencoded"), nowMs: nowMs)
        }
    }

    func refundByHand(_ id: String) {
        guard let payment = payment(id), !payment.source.isEmpty, payment.returningMinor == 0 else { return }
        byHand("/v1/refunds", "charge=\(payment.source)&amount=\(random.within(1...payment.receivedMinor))")
    }

    func reverseByHand() {
        guard let id = random.pick(stripe.world({ world, _ in world.ids(of: "transfer") })) else { return }
        byHand("/v1/transfers/\(id)/reversals", "amount=\(random.within(1...3000))")
    }

    // MARK: What the node hears

    /// Webhooks come, and those that were parked are tried again.
    func hear() async {
        let hooks = stripe.world { world, nowMs in world.takeWebhooks(nowMs: nowMs) }
        let waiting = parked
        parked = []
        for body in waiting + hooks.map(\.body) { await handle(body) }
    }

    /// The list of events, for those that never came.
    func sweep() async throws {
        let client = try stripe.client()
        var after: StripeID?
        repeat {
            let page = try await client.events(sinceMs: 0, after: after)
            for body in page.events { await handle(body) }
            after = page.next
        } while after != nil
    }

    private func handle(_ body: [UInt8]) async {
        guard let news = try? await rail.news(of: body) else { return }
        switch try? await worker.take(news, from: .stripe) {
        case .applied, .ignored: return
        case .parked, nil: parked.append(body)
        }
    }

    var parkedCount: Int { parked.count }

    // MARK: Reading

    func payment(_ id: String) -> Payment? { ledger.payment(id) }

    func balance(_ key: AccountKey) -> Int64 { ledger.balance(key) }

    /// Objects of a kind that carry our reference.
    func objects(_ kind: String) -> [(reference: String, object: JSONValue)] {
        stripe.world { world, _ in
            world.ids(of: kind).compactMap { world.object($0) }.compactMap { bytes in
                guard let object = try? JSONDocument(parsing: bytes).root,
                    let reference = object["metadata"]?["mjn_ref"]?.string
                else { return nil }
                return (reference, object)
            }
        }
    }
}
