import Cryptography
import Foundation
import Kernel
import LedgerDouble
import PythonRunning
import Settlement
import Solana
import SolanaChain
import Testing

@Suite("A payer pays all payees in one transaction, on a chain with the real programs")
struct DirectTests {
    private static let parts: [Int64] = [600_000, 250_000, 100_001, 40_000, 4_999]
    private static let fee: Int64 = 5_000

    private func opened(_ world: PayerWorld, _ id: String = "pay_1") async throws -> Payment {
        try await world.open(id, parts: Self.parts, nodeMinor: Self.fee)
    }

    private func expectPaidOnce(_ world: PayerWorld) async throws {
        #expect(Self.parts.indices.map { world.passed($0) } == Self.parts)
        #expect(world.balance(.external(People.ada.string, .solana, "MJN")) == -Self.parts.reduce(0, +))
        #expect(world.balance(.clearing(.solana, "MJN")) == Self.fee)
        #expect(world.balance(AccountKey(kind: .fees, detail: "node", currency: "MJN")) == Self.fee)
        #expect(world.balance(.payments(.solana, "MJN")) == 0)
        for index in Self.parts.indices {
            #expect(world.balance(.cash(PayerWorld.dids[index].string, "MJN")) == 0)
        }
        try await world.expectAgreement()
    }

    @Test("a wallet of its own signs and sends what the node makes; the ledger books it as it landed, and settles")
    func byWallet() async throws {
        let world = try await PayerWorld()
        let payment = try await opened(world)
        #expect(payment.status == .pending && payment.url == "solana:https://pay.example/api/solana/pay/pay_1")
        guard case .ready(let bytes) = await world.made(payment) else {
            Issue.record("there is no transaction")
            return
        }
        #expect(try await Judge.ids([bytes]).allSatisfy { $0 != nil }, "the other library reads it")
        let made = try SolanaTransaction(parsing: bytes)
        let calls = made.message.calls
        #expect(calls.count == 3 + Self.parts.count + 1, "limit, price, memo, and a transfer each")
        #expect(calls[2].data == Array("stl_pay_1".utf8))
        let manifest = SolanaAddress(bytes: SHA256.hash(Array("manifest".utf8)))
        #expect(made.message.accounts.contains(try world.reference(payment)))
        #expect(made.message.accounts.contains(try #require(manifest)))
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "python/wallet.py")
        let seed = Hex.encode(SHA256.hash(Array("split bench payer".utf8)))
        let outcome = try await Python.run([
            program.path, world.chain.url, seed, Base64.encode(bytes), payment.reference,
            world.bench.token.mint.description,
        ])
        try #require(outcome.status == 0, "\(outcome.errors)")
        let said = try JSONDocument(parsing: Array(outcome.output.utf8)).root
        for (index, part) in Self.parts.enumerated() {
            #expect(said["gained"]?[Base58.encode(PayerWorld.payees[index].publicKey.rawBytes)]?.int64 == part)
        }
        #expect(said["gained"]?[world.treasuryAddress.description]?.int64 == Self.fee)
        try await world.look()
        let settled = try world.payment("pay_1")
        #expect(settled.status == .settled && settled.settlementID == "stl_pay_1")
        #expect(settled.source == said["id"]?.string)
        try await expectPaidOnce(world)
        // Looking again, and from the beginning, changes nothing.
        let entries = world.ledger.book.entries.count
        world.places.forget()
        try await world.look()
        try await world.look()
        #expect(world.ledger.book.entries.count == entries)
        var refund = RefundOrder(
            refundID: "rfd_1", settlementID: "stl_pay_1", payer: People.ada, currency: "MJN",
            grossMinor: settled.amountMinor, creditMinor: 0,
            sources: [RefundSource(fee: nil, did: PayerWorld.dids[0], role: "x", amountMinor: settled.amountMinor)],
            amountMinor: nil, reason: "no")
        refund.destination = .rail(refundID: "rrf_1", paymentID: "pay_1", rail: .solana)
        let refused = try await world.ledger.submit(
            [Command(caller: "node", key: "r", requestHash: LifecycleCommands.hash("r"), action: .refund(refund))],
            atomically: false)[0].outcome
        #expect(refused.code == "refund_needs_payee" && world.ledger.book.entries.count == entries)
    }

    @Test("what wallets add, before, between and behind, does not matter")
    func extraInstructions() async throws {
        let world = try await PayerWorld()
        let payment = try await opened(world)
        guard case .ready(let bytes) = await world.made(payment) else {
            Issue.record("there is no transaction")
            return
        }
        var instructions = try SolanaTransaction(parsing: bytes).message.instructions()
        let guards = SolanaInstruction.memo("guard")
        instructions.insert(guards, at: 3)
        instructions.insert(guards, at: 0)
        instructions.append(guards)
        try await world.send(try await world.message(instructions))
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled)
        try await expectPaidOnce(world)
    }

    @Test("a wallet that makes the references writable, and pays another share than asked, is booked as it landed")
    func writableReferences() async throws {
        let world = try await PayerWorld()
        let payment = try await opened(world)
        let manifest = try #require(SolanaAddress(bytes: SHA256.hash(Array("manifest".utf8))))
        let names = [try world.reference(payment), manifest].map {
            SolanaInstruction.Account($0, isSigner: false, isWritable: true)
        }
        var transfers = Self.parts.indices.map { index in
            world.transfer(UInt64(Self.parts[index] - 1), to: world.bench.owners[index])
        }
        let last = world.transfer(10, to: world.treasuryAddress)
        transfers.append(
            SolanaInstruction(program: last.program, accounts: last.accounts + names, data: last.data))
        try await world.send(try await world.message(transfers))
        for _ in 0..<3 { try await world.look() }
        #expect(Self.parts.indices.map { world.passed($0) } == Self.parts.map { $0 - 1 })
        #expect(try world.payment("pay_1").status == .suspended)
        try await world.expectAgreement()
    }

    @Test("names in failed and empty transactions, older than the payment, poison nothing")
    func poisoned() async throws {
        let world = try await PayerWorld()
        let payment = try await opened(world)
        let reference = try world.reference(payment)
        // One that fails, and some that move nothing to anybody who is to be paid.
        try await world.send(
            try await world.message([
                world.transfer(5_000_000_000, to: world.treasuryAddress, references: [reference])
            ]))
        for amount in 1...3 {
            try await world.send(
                try await world.message([
                    world.transfer(UInt64(amount), to: world.bench.owners[40], references: [reference])
                ]))
        }
        try await world.look()
        #expect(try world.payment("pay_1").status == .pending)
        try await world.pay(payment)
        for amount in 4...6 {
            try await world.send(
                try await world.message([
                    world.transfer(UInt64(amount), to: world.bench.owners[40], references: [reference])
                ]))
        }
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled && world.deposits.isEmpty)
        try await expectPaidOnce(world)
    }

    @Test("paid twice by two transactions, it is settled once; the second is recorded as it landed, for a person")
    func twice() async throws {
        let world = try await PayerWorld()
        let payment = try await opened(world)
        try await world.pay(payment)
        try await world.chain.tick(1)
        try await world.pay(payment)
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled)
        let second = try #require(world.deposits.first)
        #expect(world.deposits.count == 1)
        #expect(second.status == .suspended && second.refusal?.code == "payment_duplicate")
        #expect(second.unspentMinor == Self.fee && world.balance(.suspense(.solana, "MJN")) == Self.fee)
        #expect(Self.parts.indices.map { world.passed($0) } == Self.parts.map { 2 * $0 })
        try await world.expectAgreement()
    }

    @Test("altered, partial or late, it stands as it landed, and waits for a person")
    func altered() async throws {
        for (name, code) in [("altered", "payment_altered"), ("partial", "payment_partial"), ("late", "payment_late")] {
            let world = try await PayerWorld()
            let payment = try await world.open("pay_1", parts: [1_000, 500], nodeMinor: 10)
            let reference = try world.reference(payment)
            let owners = world.bench.owners
            switch name {
            case "altered":
                try await world.send(
                    try await world.message([
                        world.transfer(400, to: owners[0]), world.transfer(1_100, to: owners[1]),
                        world.transfer(10, to: world.treasuryAddress, references: [reference]),
                    ]))
            case "partial":
                try await world.send(
                    try await world.message([world.transfer(1_000, to: owners[0], references: [reference])]))
            default:
                guard case .ready(let bytes) = await world.made(payment) else {
                    Issue.record("there is no transaction")
                    return
                }
                // The time of the payment goes by, and the node gives it up.
                try await world.time.timing.sleep(3_600_000 + 200_000)
                for _ in 0..<3 {
                    _ = try await world.worker.pass()
                    try await world.time.timing.sleep(3_600_000)
                }
                #expect(try world.payment("pay_1").status == .cancelled)
                let instructions = try SolanaTransaction(parsing: bytes).message.instructions()
                try await world.send(try await world.message(instructions))
            }
            try await world.look()
            if name == "late" {
                // Past the hour of watching, the fee that reached the treasury names it.
                #expect(try world.payment("pay_1").receivedMinor == 1_510)
            }
            let landed = try world.payment("pay_1")
            #expect(landed.status == .suspended && landed.refusal?.code == code, "\(name): \(landed)")
            let expected: [Int64] =
                switch name {
                case "altered": [400, 1_100, 10]
                case "partial": [1_000, 0, 0]
                default: [1_000, 500, 10]
                }
            #expect(
                [world.passed(0), world.passed(1), world.balance(.suspense(.solana, "MJN"))] == expected, "\(name)")
            #expect(world.balance(.external(People.ada.string, .solana, "MJN")) == -(expected[0] + expected[1]))
            #expect(landed.settlementID.isEmpty)
            try await world.expectAgreement()
        }
    }

    @Test("one transaction that names two payments pays one of them")
    func twoNames() async throws {
        let world = try await PayerWorld()
        let first = try await world.open("pay_1", parts: [1_000, 500])
        let second = try await world.open("pay_2", parts: [1_000, 500])
        let other = try world.reference(second)
        guard case .ready(let bytes) = await world.made(first) else {
            Issue.record("there is no transaction")
            return
        }
        var instructions = try SolanaTransaction(parsing: bytes).message.instructions()
        let last = instructions.removeLast()
        instructions.append(
            SolanaInstruction(
                program: last.program, accounts: last.accounts + [.init(other, isWritable: false)], data: last.data))
        try await world.send(try await world.message(instructions))
        for _ in 0..<3 { try await world.look() }
        // The worker's own looks find the same.
        for _ in 0..<3 {
            try await world.time.timing.sleep(60_000)
            _ = try await world.worker.pass()
        }
        let statuses = [try world.payment("pay_1").status, try world.payment("pay_2").status]
        #expect(Set(statuses) == [.settled, .pending], "\(statuses)")
        #expect([world.passed(0), world.passed(1)] == [1_000, 500])
        #expect(world.deposits.isEmpty)
        try await world.expectAgreement()
        // The other one can still be paid by itself.
        let open = statuses[0] == .pending ? "pay_1" : "pay_2"
        try await world.pay(try world.payment(open))
        try await world.look()
        #expect(try world.payment(open).status == .settled)
        #expect([world.passed(0), world.passed(1)] == [2_000, 1_000])
        try await world.expectAgreement()
    }

    @Test("a payee may be the payer: the own part moves nothing, and is settled all the same")
    func ownPart() async throws {
        let world = try await PayerWorld()
        let payment = try await world.open("pay_1", parts: [1_000, 500], nodeMinor: 10)
        try await world.chain.airdrop(world.bench.owners[0].description, lamports: 1_000_000_000)
        try await world.chain.fund(
            world.bench.owners[0].description, mint: world.bench.token.mint.description, amountMinor: 600)
        try await world.pay(payment, by: PayerWorld.payees[0])
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled)
        #expect([world.passed(0), world.passed(1)] == [1_000, 500])
        try await world.expectAgreement()
    }

    @Test("credited when it is final, and not when it is only confirmed, unless the operator says so")
    func finality() async throws {
        for detection in [SolanaCommitment.finalized, .confirmed] {
            let world = try await PayerWorld(detection: detection)
            let payment = try await opened(world)
            try await world.pay(payment)
            try await world.chain.tick(6)
            _ = try await world.watcher.pass()
            #expect(try world.payment("pay_1").status == (detection == .finalized ? .pending : .settled))
            try await world.look()
            try await expectPaidOnce(world)
        }
    }
}
