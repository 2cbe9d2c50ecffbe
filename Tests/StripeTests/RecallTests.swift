import Cryptography
import Kernel
import LedgerDouble
import RailWorld
import Settlement
import Stripe
import StripeSimulator
import Testing

@Suite("What Stripe's accounts were paid of a payment goes back with its refund")
struct RecallTests {
    /// A direct payment of 100.00 that was paid and distributed: 70.00 and 30.00, without the fee's part.
    /// - Parameter lost: how many replies to transfers, and how many to questions about them, get lost.
    private func distributed(losing lost: Int = 0) async throws -> StripeNode {
        let node = try await StripeNode(seed: 11)
        node.calm()
        let payment = Payment(
            id: "pay_1", rail: .stripe, creator: People.shop.string, payer: People.cyd.string, amountMinor: 10_000,
            surchargeMinor: 0, currency: "CAD", purpose: .settle(manifestCID: "bafytest"), feeBearer: .node,
            isDirect: true, service: "shop", type: "order", metadataJSON: [], successURL: "https://shop.example/thanks",
            cancelURL: "https://shop.example/cart", expiresAtMs: node.stripe.time.now + 86_400_000)
        await node.ledger.open(payment)
        try await node.worker.drive("pay_1")
        let session = try #require(node.payment("pay_1")).reference
        try node.stripe.world { world, nowMs in try world.completeCheckout(session, payment: .paid, nowMs: nowMs) }
        node.stripe.world { world, _ in
            for _ in 0..<lost {
                world.faults.script("POST", "/v1/transfers", .replyLost)
                world.faults.script("GET", "/v1/transfers", .replyLost)
            }
        }
        guard lost == 0 else {
            await node.hear()
            for _ in 0..<3 { _ = try await node.worker.pass() }
            return node
        }
        try await settleDown(node)
        #expect(try payouts(node).map(\.status) == [.paid, .paid])
        #expect(try payouts(node).map(\.amountMinor) == [7_000, 3_000])
        return node
    }

    private func settleDown(_ node: StripeNode, hears: Bool = true) async throws {
        for _ in 0..<8 {
            node.stripe.pass(600_000)
            if hears { await node.hear() }
            _ = try await node.worker.pass()
        }
    }

    private func payouts(_ node: StripeNode) throws -> [Payout] {
        try (0...1).map { index in
            let id = Payout.id(of: "pay_1", part: index)
            guard case .payout(let payout)? = node.ledger.inner.book.lifecycles[id]?.lifecycle else {
                throw StripeFailure(.answerMalformed, "there is no \(id)")
            }
            return payout
        }
    }

    private func reversed(_ node: StripeNode) -> [Int64] {
        node.objects("transfer").sorted { $0.reference < $1.reference }.map {
            $0.object["amount_reversed"]?.int64 ?? -1
        }
    }

    private func owed(_ node: StripeNode) -> [Int64] {
        PlainSettling.payees.map { node.balance(AccountKey(owner: $0.string, kind: .receivable, currency: "CAD")) }
    }

    private func cash(_ node: StripeNode) -> [Int64] {
        PlainSettling.payees.map { node.balance(.cash($0.string, "CAD")) }
    }

    private func refund(_ node: StripeNode, _ amountMinor: Int64, as id: String) async throws {
        await node.settling.refund(try #require(node.payment("pay_1")), amountMinor, as: id)
        try await node.worker.drive(id)
        // What is due since: the transfers.
        _ = try await node.worker.pass()
    }

    private func expectAgreement(_ node: StripeNode, _ location: SourceLocation = #_sourceLocation) {
        let theirs = node.stripe.world { world, _ in world.balance(currency: "cad") }
        let total = theirs.availableMinor + theirs.pendingMinor - StripeNode.ownMinor
        #expect(node.balance(.clearing(.stripe, "CAD")) == total, sourceLocation: location)
        node.stripe.expectCorrect()
    }

    @Test("a part, then the rest: each transfer is taken back by its part, and nobody owes anything; no webhook came")
    func inParts() async throws {
        let node = try await distributed()
        try await refund(node, 5_001, as: "rrf_1")
        #expect(reversed(node) == [3_501, 1_500], "the cumulative largest remainder of each")
        #expect(owed(node) == [0, 0] && cash(node) == [0, 0])
        #expect(try payouts(node).map(\.returnedMinor) == [3_501, 1_500])
        expectAgreement(node)
        try await refund(node, 4_999, as: "rrf_2")
        #expect(reversed(node) == [7_000, 3_000])
        #expect(owed(node) == [0, 0] && cash(node) == [0, 0])
        try await settleDown(node)
        // What was taken back whole is not paid once more.
        node.stripe.pass(3 * 86_400_000)
        try await settleDown(node)
        #expect(try payouts(node).map(\.status) == [.cancelled, .cancelled])
        #expect(node.objects("transfer").count == 2)
        #expect(node.objects("refund").map { $0.object["amount"]?.int64 } == [5_001, 4_999])
        expectAgreement(node)
    }

    @Test("what a payee has in the book is taken there, and only what it owes is taken back at Stripe")
    func partlyHeld() async throws {
        let node = try await distributed()
        await node.ledger.untilDone(Commands.fund("more", PlainSettling.payees[0], 2_000, "CAD"))
        try await refund(node, 10_000, as: "rrf_1")
        #expect(reversed(node) == [5_000, 3_000])
        #expect(owed(node) == [0, 0] && cash(node) == [0, 0])
        expectAgreement(node)
    }

    @Test("who no longer has it at Stripe goes on owing it, and the payer gets the refund all the same")
    func spent() async throws {
        let node = try await distributed()
        node.stripe.pass(10 * 86_400_000)
        let transfer = try #require(node.objects("transfer").min { $0.reference < $1.reference }).object
        let account = try #require(transfer["destination"]?.string)
        let status = node.stripe.world { world, nowMs in
            world.handle(
                StripeRequest(
                    method: "POST", target: "/v1/payouts", form: Array("amount=7000&currency=cad".utf8),
                    authorization: "Bearer sk_test_simulator", version: "2026-10-28.endive", account: account,
                    idempotencyKey: "spent", contentType: "application/x-www-form-urlencoded"), nowMs: nowMs
            ).status
        }
        #expect(status == 200)
        try await refund(node, 10_000, as: "rrf_1")
        #expect(reversed(node) == [0, 3_000])
        #expect(owed(node) == [7_000, 0])
        try await settleDown(node)
        #expect(node.ledger.inner.book.lifecycles["rrf_1"]?.lifecycle.facts.status == "done")
        expectAgreement(node)
    }

    @Test(
        "lost answers take nothing back twice, however many are lost",
        arguments: ["/v1/transfers/*", "/v1/refunds"], [1, 5, 7])
    func lostAnswers(_ path: String, _ count: Int) async throws {
        let node = try await distributed()
        node.stripe.world { world, _ in
            for _ in 0..<count { world.faults.script("POST", path, .replyLost) }
        }
        try await refund(node, 10_000, as: "rrf_1")
        try await settleDown(node)
        #expect(reversed(node) == [7_000, 3_000])
        #expect(node.objects("transfer_reversal").count == 2 && node.objects("refund").count == 1)
        #expect(owed(node) == [0, 0] && cash(node) == [0, 0])
        expectAgreement(node)
    }

    @Test("refunds of one payment at the same time take back what is owed once, and all of it")
    func atOnce() async throws {
        let node = try await distributed()
        let payment = try #require(node.payment("pay_1"))
        for id in ["rrf_1", "rrf_2", "rrf_3"] { await node.settling.refund(payment, 2_000, as: id) }
        let worker = node.worker
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in ["rrf_1", "rrf_2", "rrf_3"] { group.addTask { try await worker.drive(id) } }
            for _ in 0..<3 { group.addTask { _ = try await worker.pass() } }
            try await group.waitForAll()
        }
        try await settleDown(node, hears: false)
        #expect(reversed(node) == [4_200, 1_800])
        #expect(node.objects("refund").count == 3)
        #expect(owed(node) == [0, 0] && cash(node) == [0, 0])
        expectAgreement(node)
    }

    @Test("a refund that nobody knows the end of keeps the next one from nothing")
    func oneIsUnclear() async throws {
        let node = try await distributed()
        node.stripe.world { world, _ in
            for _ in 0..<20 { world.faults.script("POST", "/v1/refunds", .replyLost) }
        }
        try await refund(node, 2_000, as: "rrf_1")
        #expect(node.ledger.inner.book.lifecycles["rrf_1"]?.lifecycle.facts.status == "sending")
        try await refund(node, 3_000, as: "rrf_2")
        try await settleDown(node)
        #expect(reversed(node) == [3_500, 1_500])
        #expect(owed(node) == [0, 0] && cash(node) == [0, 0])
        expectAgreement(node)
    }

    @Test("what somebody has just taken back in the dashboard is not taken back again, and the rest is")
    func reversedMeanwhile() async throws {
        let node = try await distributed()
        let transfer = try #require(node.objects("transfer").min { $0.reference < $1.reference }).object
        node.byHand("/v1/transfers/\(try #require(transfer["id"]?.string))/reversals", "amount=3000")
        // No webhook has come of it.
        try await refund(node, 10_000, as: "rrf_1")
        for _ in 0..<3 { _ = try await node.worker.pass() }
        #expect(reversed(node) == [7_000, 3_000])
        try await settleDown(node)
        #expect(owed(node) == [0, 0] && cash(node) == [0, 0])
        expectAgreement(node)
    }

    @Test("a transfer that is under way when its payment is refunded is taken back when it has arrived")
    func underWay() async throws {
        let node = try await distributed(losing: 20)
        #expect(try payouts(node).map(\.status) == [.sending, .sending])
        try await refund(node, 5_000, as: "rrf_1")
        #expect(owed(node) == [3_500, 1_500])
        try await settleDown(node)
        #expect(try payouts(node).map(\.status) == [.paid, .paid])
        #expect(reversed(node) == [3_500, 1_500])
        #expect(node.objects("transfer").count == 2)
        #expect(owed(node) == [0, 0] && cash(node) == [0, 0])
        expectAgreement(node)
    }

    @Test("what is refunded in the dashboard, or lost in a dispute, is taken back too")
    func byHand() async throws {
        let node = try await distributed()
        let payment = try #require(node.payment("pay_1"))
        node.byHand("/v1/refunds", "charge=\(payment.source)&amount=1000")
        try await settleDown(node)
        #expect(reversed(node) == [700, 300])
        _ = try node.stripe.world { world, nowMs in try world.openDispute(charge: payment.source, nowMs: nowMs) }
        try await settleDown(node)
        for id in node.stripe.world({ world, _ in world.ids(of: "dispute") }) {
            _ = try node.stripe.world { world, nowMs in try world.closeDispute(id, won: false, nowMs: nowMs) }
        }
        try await settleDown(node)
        #expect(reversed(node) == [7_000, 3_000])
        #expect(owed(node) == [0, 0])
        expectAgreement(node)
    }

    @Test("of a currency that Stripe counts in larger steps the whole ones are taken back")
    func steps() async throws {
        let rail = StripeRail(client: try SimulatedStripe(seed: 1).client())
        func body(_ amountMinor: Int64, _ currency: String) async -> String {
            let recall = RecallInstruction(
                reference: "po_1-back-1", payoutID: "po_1", payoutReference: "tr_1", amountMinor: amountMinor,
                currency: currency, beganAtMs: 0)
            switch await rail.prepare(.recall(recall), nowMs: 0) {
            case .ready(let bytes): return String(decoding: bytes, as: UTF8.self)
            case .refused(let refusal): return refusal.code
            case .unavailable(let why): return why
            }
        }
        #expect(await body(1_257, "KWD").contains("amount=1250&"))
        #expect(await body(1_257, "CAD").contains("amount=1257&"))
        #expect(await body(9, "KWD") == "amount_invalid")
    }
}
