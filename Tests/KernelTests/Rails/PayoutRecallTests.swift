import Kernel
import Testing

/// How a payout that was made is taken back.
@Suite("payout that is taken back")
struct PayoutRecallTests {
    private static let now: Int64 = 1_774_958_400_000
    private static let refusal = RailRefusal(code: "rail_declined", reason: "the account is empty")

    private static func paid(asked targetMinor: Int64? = nil) throws -> Payout {
        var payout = Payout(
            id: "po_1", payee: "did:imajin:soft:ada", rail: .stripe, destination: "acct_1", amountMinor: 5000,
            currency: "USD", cause: .direct(paymentID: "pay_1", source: "ch_1"), creator: "node", nowMs: now)
        _ = try payout.apply(.began(prepared: []), nowMs: now)
        if let targetMinor { _ = try payout.apply(.recall(.asked(targetMinor: targetMinor)), nowMs: now) }
        _ = try payout.apply(.observed(facts(returned: 0)), nowMs: now)
        return payout
    }

    private static func facts(returned returnedMinor: Int64, by reference: String? = nil) -> RailFacts {
        var facts = RailFacts(standing: .done, reference: "tr_1", amountMinor: 5000)
        (facts.returnedMinor, facts.recalled) = (returnedMinor == 0 ? nil : returnedMinor, reference)
        if returnedMinor == 5000 {
            facts.standing = .failed(RailRefusal(code: "payout_returned", reason: "it was taken back"))
        }
        return facts
    }

    @Test("the money moves with the facts, and the target is a total: the same again, or less, asks for nothing")
    func done() throws {
        var payout = try Self.paid()
        #expect(payout.dueAtMs == nil)
        _ = try payout.apply(.recall(.asked(targetMinor: 2000)), nowMs: Self.now)
        #expect(payout.toRecallMinor == 2000 && payout.dueAtMs == Self.now)
        _ = try payout.apply(.recall(.began(amountMinor: 2000, prepared: [7])), nowMs: Self.now)
        #expect(payout.recall?.attempt?.reference == "po_1-back-1")
        let moves = try payout.apply(
            .recall(.done(Self.facts(returned: 2000, by: "po_1-back-1"))), nowMs: Self.now)
        #expect(moves == [.debit(.clearing(.stripe, "USD"), 2000), .payIn(payout.payee, currency: "USD", 2000)])
        for target: Int64 in [2000, 500] {
            _ = try payout.apply(.recall(.asked(targetMinor: target)), nowMs: Self.now)
            #expect(payout.toRecallMinor == 0 && payout.dueAtMs == nil)
        }
    }

    @Test("a target that rises while an attempt is under way makes another attempt, for the rest")
    func rises() throws {
        var payout = try Self.paid()
        _ = try payout.apply(.recall(.asked(targetMinor: 2000)), nowMs: Self.now)
        _ = try payout.apply(.recall(.began(amountMinor: 2000, prepared: [])), nowMs: Self.now)
        _ = try payout.apply(.recall(.asked(targetMinor: 3500)), nowMs: Self.now)
        #expect(payout.recall?.amountMinor == 2000 && payout.dueAtMs == Self.now + RailTiming.callMs)
        _ = try payout.apply(.recall(.done(Self.facts(returned: 2000, by: "po_1-back-1"))), nowMs: Self.now)
        #expect(payout.toRecallMinor == 1500 && payout.dueAtMs == Self.now)
        _ = try payout.apply(.recall(.began(amountMinor: 1500, prepared: [])), nowMs: Self.now)
        #expect(payout.recall?.attempt?.reference == "po_1-back-2" && payout.recall?.amountMinor == 1500)
    }

    @Test("news of the payout ends no attempt: only facts that name it do")
    func news() throws {
        var payout = try Self.paid(asked: 2000)
        #expect(payout.dueAtMs == Self.now, "asked for while it was under way")
        _ = try payout.apply(.recall(.began(amountMinor: 2000, prepared: [])), nowMs: Self.now)
        _ = try payout.apply(.observed(Self.facts(returned: 2000)), nowMs: Self.now)
        #expect(payout.recall?.attempt != nil && payout.returnedMinor == 2000)
        _ = try payout.apply(.recall(.unanswered), nowMs: Self.now)
        #expect(throws: Refusal.self) {
            try payout.apply(.recall(.done(Self.facts(returned: 2000, by: "po_1-back-9"))), nowMs: Self.now)
        }
        let moves = try payout.apply(
            .recall(.done(Self.facts(returned: 2000, by: "po_1-back-1"))), nowMs: Self.now)
        #expect(moves.isEmpty && payout.recall?.attempt == nil && payout.dueAtMs == nil)
    }

    @Test("what the rail refuses is given up, until more is asked for")
    func refused() throws {
        var payout = try Self.paid(asked: 2000)
        _ = try payout.apply(.recall(.began(amountMinor: 2000, prepared: [])), nowMs: Self.now)
        _ = try payout.apply(.recall(.refused(Self.refusal)), nowMs: Self.now)
        #expect(payout.status == .paid && payout.dueAtMs == nil && payout.recall?.refusal == Self.refusal)
        _ = try payout.apply(.recall(.asked(targetMinor: 3000)), nowMs: Self.now)
        #expect(payout.toRecallMinor == 3000)
    }

    @Test("no more is taken back than is owed when it begins")
    func owesLess() throws {
        var payout = try Self.paid(asked: 2000)
        for wrong: Int64 in [0, -1, 2001] {
            #expect(throws: Refusal.self) {
                try payout.apply(.recall(.began(amountMinor: wrong, prepared: [])), nowMs: Self.now)
            }
        }
        _ = try payout.apply(.recall(.began(amountMinor: 700, prepared: [])), nowMs: Self.now)
        _ = try payout.apply(.recall(.done(Self.facts(returned: 700, by: "po_1-back-1"))), nowMs: Self.now)
        #expect(payout.toRecallMinor == 0 && payout.dueAtMs == nil)
    }

    @Test("a payout that was asked back before it was made, and fails, pays first what its payee owes")
    func failsFirst() throws {
        var payout = Payout(
            id: "po_1", payee: "did:imajin:soft:ada", rail: .stripe, destination: "acct_1", amountMinor: 5000,
            currency: "USD", cause: .direct(paymentID: "pay_1", source: "ch_1"), creator: "node", nowMs: Self.now)
        _ = try payout.apply(.recall(.asked(targetMinor: 2000)), nowMs: Self.now)
        let moves = try payout.apply(.refused(Self.refusal), nowMs: Self.now)
        #expect(moves.contains(.payIn(payout.payee, currency: "USD", 5000)))
        #expect(moves.contains(.debit(.cash(payout.payee, "USD"), 5000)))
    }

    @Test("taken back whole it is over, and nothing more is taken back")
    func whole() throws {
        var payout = try Self.paid(asked: 9_000)
        #expect(payout.toRecallMinor == 5000)
        _ = try payout.apply(.recall(.began(amountMinor: 5000, prepared: [])), nowMs: Self.now)
        _ = try payout.apply(.recall(.done(Self.facts(returned: 5000, by: "po_1-back-1"))), nowMs: Self.now)
        #expect(payout.status == .cancelled && payout.toRecallMinor == 0 && payout.recall?.attempt == nil)
        #expect(throws: Refusal.self) {
            try payout.apply(.recall(.began(amountMinor: 5000, prepared: [])), nowMs: Self.now)
        }
        #expect(throws: Refusal.self) { try payout.apply(.recall(.asked(targetMinor: 5000)), nowMs: Self.now) }
    }
}
