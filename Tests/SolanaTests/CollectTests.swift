import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Testing

@Suite("Payments to the treasury, by a link that any wallet can pay")
struct CollectTests {
    private static let usdc = SolanaToken(mint: SolanaAddress(SplitBench.key("usdc").publicKey), decimals: 6)

    /// Pays as a wallet does that was given a link.
    private func pay(_ world: PayerWorld, _ url: String, _ amountMinor: UInt64? = nil) async throws {
        guard case .transfer(let request) = try SolanaPayURL(url) else {
            throw NoAddress(text: "no transfer request: \(url)")
        }
        let token = request.token == Self.usdc.mint ? Self.usdc : world.bench.token
        #expect(request.token == token.mint)
        let asked = try #require(try request.amountMinor(decimals: token.decimals))
        try await world.send(
            try await world.message([
                .memo(request.memo ?? ""),
                world.transfer(
                    amountMinor ?? asked, to: request.recipient, references: request.references, token: token),
            ]))
    }

    @Test("a top-up's link is paid and becomes balance; the same currency and others side by side")
    func topUp() async throws {
        let world = try await PayerWorld(others: ["USDC": Self.usdc])
        let mjn = try await world.open("pay_1", amountMinor: 1_234_567)
        let usdc = try await world.open("pay_2", amountMinor: 99, currency: "USDC")
        let cad = Commands.fund("cad", People.ada, 700, "CAD")
        #expect(try await world.ledger.submit([cad], atomically: false)[0].outcome.isDone)
        #expect(mjn.url.contains("amount=1.234567&") && usdc.url.contains("amount=0.000099&"))
        try await pay(world, mjn.url)
        try await pay(world, usdc.url)
        try await world.look()
        for (id, currency, amount) in [("pay_1", "MJN", 1_234_567), ("pay_2", "USDC", 99)] as [(String, String, Int64)]
        {
            #expect(try world.payment(id).status == .settled)
            #expect(world.balance(.cash(People.ada.string, currency)) == amount)
        }
        let balances = try await world.ledger.balances(of: People.ada)
        #expect(balances.map { [$0.currency: $0.cashMinor] } == [["CAD": 700], ["MJN": 1_234_567], ["USDC": 99]])
        try await world.expectAgreement()
        let entries = world.ledger.book.entries.count
        world.places.forget()
        for _ in 0..<2 { try await world.look() }
        #expect(world.ledger.book.entries.count == entries && world.deposits.isEmpty)
    }

    @Test("the transaction that the node makes pays it too, and the worker finds it without the watch")
    func byTransaction() async throws {
        let world = try await PayerWorld()
        let payment = try await world.open("pay_1", amountMinor: 5_000)
        try await world.pay(payment)
        try await world.time.timing.sleep(60_000)
        _ = try await world.worker.pass()
        #expect(try world.payment("pay_1").status == .settled)
        // The watch finds the same, and knows it.
        try await world.look()
        #expect(world.balance(.cash(People.ada.string, "MJN")) == 5_000 && world.deposits.isEmpty)
        try await world.expectAgreement()
    }

    @Test("what names nothing, or something that was paid, goes to suspense, each once; a person gives it to its owner")
    func unmatched() async throws {
        let world = try await PayerWorld()
        let payment = try await world.open("pay_1", amountMinor: 5_000)
        try await pay(world, payment.url)
        try await world.chain.tick(1)
        try await pay(world, payment.url, 4_999)
        try await world.send(try await world.message([world.transfer(77, to: world.treasuryAddress)]))
        try await world.look()
        #expect(world.deposits.map(\.unspentMinor).sorted() == [77, 4_999])
        #expect(world.deposits.allSatisfy { $0.status == .suspended && $0.refusal?.code == "payment_unmatched" })
        #expect(world.deposits.filter { $0.type == "pay_1" }.map(\.unspentMinor) == [4_999])
        #expect(world.balance(.suspense(.solana, "MJN")) == 5_076)
        try await world.expectAgreement()
        world.places.forget()
        try await world.look()
        #expect(world.deposits.count == 2)
        let stray = try #require(world.deposits.first { $0.unspentMinor == 77 })
        let row = try #require(try await world.ledger.lifecycle(stray.id)?.row)
        let assign = LifecycleCommands.step(
            .payment(.assigned(did: People.bob.string, actor: "operator")), of: row, caller: "operator", key: "a",
            audit: AuditNote(actor: "operator", reason: "it is bob's"))
        #expect(try await world.ledger.submit([assign], atomically: false)[0].outcome.isDone)
        #expect(world.balance(.cash(People.bob.string, "MJN")) == 77)
        try await world.expectAgreement()
    }

    @Test("less or more than was asked for is booked as it came, in suspense")
    func otherAmounts() async throws {
        for amount in [1, 4_999, 5_001] as [UInt64] {
            let world = try await PayerWorld()
            let payment = try await world.open("pay_1", amountMinor: 5_000)
            try await pay(world, payment.url, amount)
            try await world.look()
            let landed = try world.payment("pay_1")
            #expect(landed.status == .suspended && landed.refusal?.code == "amount_mismatch")
            #expect(world.balance(.suspense(.solana, "MJN")) == Int64(amount))
            try await world.expectAgreement()
        }
    }

    @Test("a link that is paid after the payment was given up still becomes balance")
    func late() async throws {
        let world = try await PayerWorld()
        let payment = try await world.open("pay_1", amountMinor: 5_000, lifeMs: 60_000)
        for _ in 0..<4 {
            try await world.time.timing.sleep(200_000)
            _ = try await world.worker.pass()
        }
        #expect(try world.payment("pay_1").status == .cancelled)
        try await pay(world, payment.url)
        try await world.look()
        #expect(world.balance(.cash(People.ada.string, "MJN")) == 5_000)
        try await world.expectAgreement()
    }

    @Test("a list that breaks off anywhere goes on from where it was, and gives everything once")
    func paged() async throws {
        let world = try await PayerWorld(others: ["USDC": Self.usdc])
        for amount in 1...7 {
            let token = amount.isMultiple(of: 2) ? Self.usdc : world.bench.token
            try await world.send(
                try await world.message([world.transfer(UInt64(amount), to: world.treasuryAddress, token: token)]))
        }
        try await world.chain.tick(40)
        for limit in [1, 2, 3, 100] {
            var amounts: [Int64] = []
            var position: RailPosition?
            repeat {
                let page = try await world.rail.list(since: position, limit: limit)
                #expect(page.records.count <= limit)
                amounts += page.records.map(\.amountMinor)
                position = page.next
                guard page.hasMore else { break }
            } while amounts.count < 100
            #expect(amounts == [1, 2, 3, 4, 5, 6, 7])
        }
        await #expect(throws: RailListFailure.self) {
            try await world.rail.list(since: RailPosition(cursor: "nothing", timeMs: 0), limit: 1)
        }
    }
}
