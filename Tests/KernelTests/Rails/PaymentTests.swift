import Kernel
import Testing

/// A payment's machine, step by step.
@Suite("payment")
struct PaymentTests {
    private static let now: Int64 = 1_774_958_400_000

    private static func payment(
        _ purpose: Payment.Purpose = .spend, amount: Int64 = 10_000, surcharge: Int64 = 0,
        bearer: RailFeeBearer = .payees
    ) -> Payment {
        Payment(
            id: "pay_1", rail: .stripe, creator: "shop", payer: "did:imajin:soft:ada", amountMinor: amount,
            surchargeMinor: surcharge, currency: "USD", purpose: purpose, feeBearer: bearer, isDirect: false,
            service: "shop", type: "order", metadataJSON: [], successURL: "", cancelURL: "",
            expiresAtMs: now + 86_400_000)
    }

    private static func done(_ amount: Int64 = 10_000, fee: Int64? = 320) -> PaymentEvent {
        .observed(RailFacts(standing: .done, reference: "pi_1", amountMinor: amount, feeMinor: fee))
    }

    private static func sum(_ moves: [Move]) -> [String: Int64] {
        var sums: [String: Int64] = [:]
        for move in moves {
            switch move {
            case .debit(_, let amount): sums[move.currency, default: 0] += amount
            case .credit(_, let amount), .payIn(_, _, let amount): sums[move.currency, default: 0] -= amount
            case .takeBack(_, _, let amount): sums[move.currency, default: 0] += amount
            case .pendingDebit, .pendingCredit: break
            }
        }
        return sums
    }

    @Test("what arrives is booked less the rail's fee, and owed to its purpose")
    func received() throws {
        var payment = Self.payment()
        let moves = try payment.apply(Self.done(), nowMs: Self.now)
        #expect(payment.status == .received)
        #expect(payment.unspentMinor == 10_000)
        #expect(payment.payeesFeeMinor == 320)
        #expect(moves.contains(.debit(.clearing(.stripe, "USD"), 10_000)))
        #expect(moves.contains(.credit(.clearing(.stripe, "USD"), 320)))
        #expect(Self.sum(moves) == ["USD": 0])
        #expect(try payment.apply(Self.done(), nowMs: Self.now).isEmpty)
    }

    @Test("without the rail's figure of its fee nothing is booked yet")
    func feeUnknown() throws {
        var payment = Self.payment()
        #expect(try payment.apply(Self.done(fee: nil), nowMs: Self.now).isEmpty)
        #expect(payment.status == .pending)
        #expect(payment.dueAtMs.map { $0 > Self.now } == true)
        #expect(!(try payment.apply(Self.done(), nowMs: Self.now)).isEmpty)
    }

    @Test("another amount than was asked for goes to suspense whole", arguments: [Int64(9_999), 10_001, 1])
    func mismatch(amount: Int64) throws {
        var payment = Self.payment(.topUp)
        let moves = try payment.apply(Self.done(amount, fee: 0), nowMs: Self.now)
        #expect(payment.status == .suspended)
        #expect(payment.refusal?.code == "amount_mismatch")
        #expect(moves.contains(.credit(.suspense(.stripe, "USD"), amount)))
        #expect(Self.sum(moves) == ["USD": 0])
    }

    @Test("a conversion by the rail posts through paired accounts, its fee in the currency it was taken in")
    func converted() throws {
        var payment = Self.payment()
        let facts = RailFacts(
            standing: .done, reference: "pi_1", amountMinor: 10_000, feeMinor: 450, settledMinor: 13_600,
            settledCurrency: "CAD")
        let moves = try payment.apply(.observed(facts), nowMs: Self.now)
        #expect(Self.sum(moves) == ["CAD": 0, "USD": 0])
        #expect(moves.contains(.debit(.clearing(.stripe, "CAD"), 13_600)))
        #expect(moves.contains(.credit(.clearing(.stripe, "CAD"), 450)))
        #expect(moves.contains(.debit(.exchange(.stripe, "USD"), 10_000)))
        #expect(payment.payeesFeeMinor == 0)
    }

    @Test("money that arrives after all is booked, whatever was believed before")
    func late() throws {
        for event: PaymentEvent in [
            .cancelled, .refused(RailRefusal(code: "rail_declined", reason: "no")),
            .observed(
                RailFacts(
                    standing: .failed(RailRefusal(code: "rail_declined", reason: "no")), reference: "pi_1",
                    amountMinor: 0)),
        ] {
            var payment = Self.payment()
            _ = try payment.apply(event, nowMs: Self.now)
            #expect(payment.dueAtMs == nil)
            _ = try payment.apply(Self.done(), nowMs: Self.now)
            #expect(payment.status == .received, "after \(event)")
        }
    }

    @Test("a top-up credits the payer less the fee that the payer bears", arguments: RailFeeBearer.allCases)
    func topUp(bearer: RailFeeBearer) throws {
        let surcharge: Int64 = bearer == .payer ? 350 : 0
        var payment = Self.payment(.topUp, surcharge: surcharge, bearer: bearer)
        let moves = try payment.apply(Self.done(10_000 + surcharge), nowMs: Self.now)
        let credited: Int64 = bearer == .payees ? 9_680 : 10_000
        #expect(moves.contains(.payIn("did:imajin:soft:ada", currency: "USD", credited)))
        #expect(Self.sum(moves) == ["USD": 0])
        #expect(payment.status == .settled)
    }

    @Test("the call is stored before it is made, once, and made again only when the rail never had it")
    func attempts() throws {
        var payment = Self.payment()
        _ = try payment.apply(.began(prepared: [1, 2]), nowMs: Self.now)
        #expect(payment.attempt?.reference == "pay_1-1")
        #expect(throws: Refusal.self) { try payment.apply(.began(prepared: [3]), nowMs: Self.now) }
        #expect(throws: Refusal.self) { try payment.apply(.resumed(), nowMs: Self.now) }
        _ = try payment.apply(.unanswered, nowMs: Self.now)
        let firstPause = try #require(payment.dueAtMs) - Self.now
        #expect((1_500...2_000).contains(firstPause))
        _ = try payment.apply(.absent, nowMs: Self.now)
        _ = try payment.apply(.resumed(), nowMs: Self.now)
        #expect(payment.attempt?.prepared == [1, 2])
        #expect(payment.attempt?.number == 1)
    }

    @Test("questions are asked ever more rarely, and never more often than at first")
    func pauses() throws {
        var payment = Self.payment()
        _ = try payment.apply(.began(prepared: []), nowMs: Self.now)
        var last: Int64 = 0
        for _ in 0..<40 {
            _ = try payment.apply(.unanswered, nowMs: Self.now)
            let pause = try #require(payment.dueAtMs) - Self.now
            #expect(pause >= last - RailTiming.askMostMs / 4)
            #expect(pause <= RailTiming.askMostMs)
            last = pause
        }
        #expect(last >= RailTiming.askMostMs * 3 / 4)
    }
}
