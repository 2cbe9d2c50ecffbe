import Cryptography
import Kernel
import Settlement
import Solana
import SolanaChain
import Testing

@Suite("Payouts on a chain with the real programs")
struct RailTests {
    let bench = SplitBench()

    private func rail(_ chain: SolanaChain, rounds: Int = 30) -> SolanaRail {
        let timing = ChainTime(chain).timing
        let client = SolanaClient(
            SolanaRPC(SplitBench.endpoint(chain), http: chain.http, timing: timing))
        return SolanaRail(
            client: client, treasury: bench.payer,
            settings: SolanaRailSettings(tokens: ["MJN": bench.token], roundsPerCall: rounds), timing: timing)
    }

    private func payOut(
        _ number: Int, amountMinor: Int64 = 25_000_000, currency: String = "MJN", to destination: String? = nil
    ) -> RailInstruction {
        .payOut(
            PayOutInstruction(
                reference: "po_\(number)-1", payoutID: "po_\(number)", amountMinor: amountMinor, currency: currency,
                destination: destination ?? bench.owners[0].description, payee: "did:imajin:x", drawnOn: nil,
                beganAtMs: 0))
    }

    private func held(_ chain: SolanaChain, _ account: SolanaAddress) async throws -> UInt64 {
        let account = try await bench.client(chain).accounts([account], .processed)[0]
        return account.flatMap { SolanaTokenAccount($0) }?.amountMinor ?? 0
    }

    private func started() async throws -> SolanaChain {
        let chain = try SolanaChain()
        try await bench.found(chain)
        return chain
    }

    private func bytes(_ preparation: RailPreparation) throws -> [UInt8] {
        guard case .ready(let bytes) = preparation else { throw NoAddress(text: "\(preparation)") }
        return bytes
    }

    @Test("a payout is prepared, sent, confirmed, and done with its cost when it is final")
    func paid() async throws {
        let chain = try await started()
        let rail = rail(chain)
        let instruction = payOut(1)
        let prepared = try bytes(await rail.prepare(instruction, nowMs: 0))
        let stored = try #require(SolanaPrepared(bytes: prepared))
        guard case .pending(let facts) = await rail.carryOut(instruction, prepared: prepared, nowMs: 0) else {
            Issue.record("it is confirmed")
            return
        }
        #expect(facts.reference == stored.transaction.id.description && facts.amountMinor == 25_000_000)
        try await chain.tick(40)
        let answer = await rail.fetch(instruction, prepared: prepared, reference: facts.reference, nowMs: 0)
        let fee = SolanaFee(transfers: 1, computePriceMicroLamports: 10_000).lamports(signatures: 1)
        #expect(
            answer
                == .found(
                    RailFacts(
                        standing: .done, reference: facts.reference, amountMinor: 25_000_000, feeMinor: fee,
                        settledCurrency: "SOL")))
        #expect(try await held(chain, bench.accounts[0]) == 25_000_000)
        #expect(
            try await rail.balances() == [
                RailBalance(currency: "MJN", totalMinor: 975_000_000, availableMinor: 975_000_000)
            ])
        // Whoever calls again, at whatever time, moves nothing.
        try await chain.tick(200)
        guard case .done = await rail.carryOut(instruction, prepared: prepared, nowMs: 0) else {
            Issue.record("it is done")
            return
        }
        #expect(try await held(chain, bench.accounts[0]) == 25_000_000)
    }

    @Test(
        "dropped, delayed to the last slot, forked away, or with lost replies: it is paid once",
        arguments: [
            "drop", "delay", "ghost", "loseReply", "http429", "http503", "behind", "blockhashNotFound",
        ])
    func faults(_ fault: String) async throws {
        let chain = try await started()
        let rail = rail(chain, rounds: 60)
        let instruction = payOut(2)
        let prepared = try bytes(await rail.prepare(instruction, nowMs: 0))
        try await chain.fault(fault, count: 3, slots: fault == "delay" ? 130 : nil)
        let outcome = await rail.carryOut(instruction, prepared: prepared, nowMs: 0)
        guard case .pending = outcome else {
            Issue.record("\(fault): \(outcome)")
            return
        }
        try await chain.clearFaults()
        try await chain.tick(40)
        guard case .found(let facts) = await rail.fetch(instruction, prepared: prepared, reference: "", nowMs: 0) else {
            Issue.record("\(fault): it is final")
            return
        }
        #expect(facts.standing == .done)
        #expect(try await held(chain, bench.accounts[0]) == 25_000_000)
    }

    @Test("what never landed is unknown while it may land, and absent only when it cannot any more")
    func expired() async throws {
        let chain = try await started()
        let rail = rail(chain, rounds: 2)
        let instruction = payOut(3)
        let prepared = try bytes(await rail.prepare(instruction, nowMs: 0))
        try await chain.fault("drop", count: 1_000)
        guard case .unknown = await rail.carryOut(instruction, prepared: prepared, nowMs: 0) else {
            Issue.record("it may land yet")
            return
        }
        // Past its height at the newest slot, not at the finalized one.
        try await chain.tick(160)
        guard case .unknown = await rail.fetch(instruction, prepared: prepared, reference: "", nowMs: 0) else {
            Issue.record("the height is not final yet")
            return
        }
        try await chain.tick(40)
        #expect(await rail.fetch(instruction, prepared: prepared, reference: "", nowMs: 0) == .absent)
        try await chain.clearFaults()
        guard case .lapsed = await rail.carryOut(instruction, prepared: prepared, nowMs: 0) else {
            Issue.record("these bytes are of no use any more")
            return
        }
        #expect(try await held(chain, bench.accounts[0]) == 0)
        // A new attempt signs new bytes.
        let again = try bytes(await rail.prepare(instruction, nowMs: 0))
        guard case .pending = await rail.carryOut(instruction, prepared: again, nowMs: 0) else {
            Issue.record("the new attempt is paid")
            return
        }
        #expect(try await held(chain, bench.accounts[0]) == 25_000_000)
    }

    @Test("a recipient that is frozen after the preparation makes a failure that is final, and nobody is paid")
    func frozen() async throws {
        let chain = try await started()
        let rail = rail(chain, rounds: 60)
        let instruction = payOut(4)
        let prepared = try bytes(await rail.prepare(instruction, nowMs: 0))
        let stored = try #require(SolanaPrepared(bytes: prepared))
        try await chain.freeze(bench.accounts[0].description)
        // Another node passed it on without trying it.
        let sent = await bench.client(chain).send(stored.transaction.bytes, skipsPreflight: true)
        #expect(sent == .accepted)
        guard case .failed(let failed) = await rail.carryOut(instruction, prepared: prepared, nowMs: 0),
            case .failed(let refusal) = failed.standing
        else {
            Issue.record("it failed for good")
            return
        }
        #expect(refusal.code == "recipient_frozen" && (failed.feeMinor ?? 0) > 0, "it cost its fee")
        guard case .found(let facts) = await rail.fetch(instruction, prepared: prepared, reference: "", nowMs: 0) else {
            Issue.record("it is found")
            return
        }
        #expect(facts.standing == .failed(refusal) && (facts.feeMinor ?? 0) > 0)
        #expect(try await held(chain, bench.accounts[0]) == 0)
    }

    @Test("what nodes will not pass on is open until its time is over, and the next attempt is refused for that reason")
    func refusedBySimulation() async throws {
        let chain = try await started()
        let rail = rail(chain, rounds: 60)
        let instruction = payOut(5)
        let prepared = try bytes(await rail.prepare(instruction, nowMs: 0))
        try await chain.freeze(bench.accounts[0].description)
        guard case .lapsed = await rail.carryOut(instruction, prepared: prepared, nowMs: 0) else {
            Issue.record("it can land no more")
            return
        }
        #expect(try await chain.sends() == 1, "it was sent once and never again")
        guard case .refused(let refusal) = await rail.prepare(instruction, nowMs: 0) else {
            Issue.record("it is refused")
            return
        }
        #expect(refusal.code == "recipient_frozen")
    }

    @Test("what cannot be paid is refused before anything is sent, each with its own code")
    func refused() async throws {
        let chain = try await started()
        let rail = rail(chain)
        let nobody = SolanaAddress(SplitBench.key("nobody").publicKey)
        try await chain.freeze(bench.accounts[2].description)
        let cases: [(RailInstruction, String)] = [
            (payOut(1, currency: "CAD"), "currency_unsupported"), (payOut(1, amountMinor: 0), "split_amount_invalid"),
            (payOut(1, to: "not an address"), "recipient_malformed"),
            (payOut(1, to: bench.accounts[0].description), "recipient_off_curve"),
            (payOut(1, to: SolanaProgram.system.description), "recipient_weak_key"),
            (payOut(1, to: nobody.description), "recipient_account_missing"),
            (payOut(1, to: bench.owners[2].description), "recipient_frozen"),
            (payOut(1, to: bench.token.mint.description), "recipient_is_mint"),
            (payOut(1, to: bench.payerAddress.description), "recipient_is_treasury"),
        ]
        for (instruction, code) in cases {
            guard case .refused(let refusal) = await rail.prepare(instruction, nowMs: 0) else {
                Issue.record("\(code) is refused")
                continue
            }
            #expect(refusal.code == code)
        }
        guard case .unavailable(let reason) = await rail.prepare(payOut(1, amountMinor: 1_000_000_001), nowMs: 0) else {
            Issue.record("the treasury has too little")
            return
        }
        #expect(reason.hasPrefix("treasury_too_low"))
        try await chain.setAccount(bench.payerAddress.description, data: [], owner: SolanaProgram.system.description)
        guard case .unavailable(let fee) = await rail.prepare(payOut(1), nowMs: 0) else {
            Issue.record("the treasury has no SOL for the fee")
            return
        }
        #expect(fee.hasPrefix("fee_payer_low"))
        #expect(try await chain.sends() == 0)
    }

    @Test("stored bytes that are no transaction of ours are never sent")
    func strangeBytes() async throws {
        let chain = try await started()
        let rail = rail(chain)
        let prepared = try bytes(await rail.prepare(payOut(6), nowMs: 0))
        let stored = try #require(SolanaPrepared(bytes: prepared))
        #expect(stored.bytes == prepared)
        let text = String(decoding: prepared, as: UTF8.self)
        let broken = text.replacing("\"transaction\":\"A", with: "\"transaction\":\"B")
        for bytes in [[], Array(broken.utf8), Array(prepared.dropLast()), Array("{}".utf8)] {
            guard case .unknown = await rail.carryOut(payOut(6), prepared: bytes, nowMs: 0) else {
                Issue.record("nothing is known of it")
                continue
            }
        }
        #expect(try await chain.sends() == 0)
    }
}
