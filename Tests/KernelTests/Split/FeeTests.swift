import BigInt
import Cryptography
import Kernel
import Testing

@Suite("Fees and the whole of a settlement")
struct FeeTests {
    private let payer = TestKey(1).did
    private let node = TestKey(2).did
    private let network = TestKey(3).did

    private func schedule(_ rates: (Int, Int, Int)) throws -> FeeSchedule {
        try FeeSchedule(
            protocolBps: rates.0, protocolDID: network, nodeBps: rates.1, nodeDID: node, buyerCreditBps: rates.2)
    }

    private func plan(_ entries: [(String, String)], extra: String = "") throws -> SplitPlan {
        let text = Fixture.original(entries, extra: extra)
        return try SplitPlan(Fixture.verify(Fixture.signed(text, TestKey(10))), right: "ticket")
    }

    @Test("one hundred units at 1 %, 0.5 % and 0.25 % leave 98.25")
    func conformance() throws {
        let plan = try plan([(TestKey(10).name, "1")])
        let split = try Split(grossMinor: 10_000, plan: plan, fees: schedule((100, 50, 25)), buyer: payer)
        #expect(split.fees.map(\.kind.rawValue) == ["protocol", "node", "buyer_credit"])
        #expect(split.fees.map(\.amountMinor) == [100, 50, 25])
        #expect(split.fees.map(\.did) == [network, node, payer])
        #expect(split.netMinor == 9_825)
        #expect(split.amountsMinor == [9_825])
    }

    @Test("fees come first, and the split is over what remains")
    func example() throws {
        let plan = try plan([(TestKey(10).name, "0.6"), (TestKey(11).name, "0.4")])
        let split = try Split(grossMinor: 10_000, plan: plan, fees: schedule((0, 50, 0)), buyer: payer)
        #expect(split.fees.map(\.kind) == [.node])
        #expect(split.lines.map(\.amountMinor) == [5_970, 3_980])
        #expect(split.lines.map(\.weightText) == ["3/5", "2/5"])
        #expect(split.lines.map(\.via) == [[], []])
    }

    @Test("a fee is floored, never above what its rate gives, and does not overflow")
    func floored() throws {
        let schedule = try schedule((25, 200, 199))
        for gross in [1, 3, 49, 50, 51, 99, 399, 400, 401, 10_000, Money.amountMaxMinor] as [Int64] {
            for fee in schedule.fees(onGrossMinor: gross, buyer: payer) {
                #expect(BigInt(fee.amountMinor) == BigInt(gross) * BigInt(fee.bps) / 10_000)
            }
        }
        #expect(schedule.fees(onGrossMinor: 1, buyer: payer).map(\.amountMinor) == [0, 0, 0])
    }

    @Test("a rate is zero or from 25 to 200 basis points, and has a receiver")
    func rates() throws {
        for bps in [0, 25, 200] { _ = try schedule((bps, bps, bps)) }
        for bps in [-1, 1, 24, 201, 10_000, .max, .min] {
            for rates in [(bps, 0, 0), (0, bps, 0), (0, 0, bps)] {
                let error = #expect(throws: MoneyError.self) { try schedule(rates) }
                #expect(error?.code == "fee_invalid")
            }
        }
        #expect(throws: MoneyError.self) {
            try FeeSchedule(protocolBps: 25, protocolDID: nil, nodeBps: 0, nodeDID: nil, buyerCreditBps: 0)
        }
        #expect(throws: MoneyError.self) {
            try FeeSchedule(protocolBps: 0, protocolDID: nil, nodeBps: 25, nodeDID: nil, buyerCreditBps: 0)
        }
    }

    @Test("repeated DIDs keep their lines and are merged in the totals, zeros left out")
    func totals() throws {
        let (first, second, third) = (TestKey(10).name, TestKey(11).name, TestKey(12).name)
        let plan = try plan([(first, "0.5"), (second, "0"), (first, "0.1"), (third, "0.25")])
        let split = try Split(grossMinor: 101, plan: plan, fees: .none, buyer: payer)
        #expect(split.lines.map(\.did.string) == [first, second, first, third, first])
        #expect(split.lines.map(\.role).last == "residual")
        #expect(split.amountsMinor == [51, 0, 10, 25, 15])
        #expect(split.residualMinor == 15)
        #expect(split.payeeTotals.map(\.did.string) == [first, third])
        #expect(split.payeeTotals.map(\.amountMinor) == [76, 25])
    }

    @Test("what a rail took is taken before the split, and may not exceed what the fees left")
    func railFee() throws {
        let plan = try plan([(TestKey(10).name, "1")])
        let fees = try schedule((100, 50, 25))
        let split = try Split(grossMinor: 10_000, plan: plan, fees: fees, buyer: payer, railFeeMinor: 320)
        #expect(split.amountsMinor == [9_505])
        let all = try Split(grossMinor: 10_000, plan: plan, fees: fees, buyer: payer, railFeeMinor: 9_825)
        #expect(all.amountsMinor == [0])
        #expect(all.payeeTotals.isEmpty)
        for bad in [9_826, -1, .max] as [Int64] {
            #expect(throws: MoneyError.amountInvalid) {
                try Split(grossMinor: 10_000, plan: plan, fees: fees, buyer: payer, railFeeMinor: bad)
            }
        }
    }

    @Test("a gross outside one to nine quadrillion is refused")
    func gross() throws {
        let plan = try plan([(TestKey(10).name, "1")])
        for bad in [0, -1, Money.amountMaxMinor + 1, .max, .min] as [Int64] {
            #expect(throws: MoneyError.amountInvalid) {
                try Split(grossMinor: bad, plan: plan, fees: .none, buyer: payer)
            }
        }
        #expect(throws: MoneyError.amountInvalid) { try plan.split(amountMinor: -1) }
    }

    @Test("fees, rail fee and parts sum to the gross, whatever the rates")
    func sums() throws {
        var random = SeededRandom(printingFor: "settlements sum to their gross")
        let plan = try plan([(TestKey(10).name, "0.3333333333333333"), (TestKey(11).name, "0.6")])
        for _ in 0..<20_000 {
            let gross = Int64.random(in: 1...(Money.amountMaxMinor >> random.int(0...52)), using: &random)
            let rate = random.chance(30) ? 0 : random.int(25...200)
            let split = try Split(
                grossMinor: gross, plan: plan, fees: schedule((rate, random.int(25...200), rate)), buyer: payer,
                railFeeMinor: gross / 25)
            let parts = split.amountsMinor + split.fees.map(\.amountMinor) + [split.railFeeMinor]
            if parts.reduce(0, +) != gross { Issue.record("gross \(gross), seed \(random.seed)") }
        }
    }
}
