import LedgerDouble
import Solana
import Testing

@Suite("The way of a transaction, simulated")
struct SendingSimulationTests {
    /// What one payment came to.
    struct Run {
        var payments = 0
        var attempts = 1
        var crashes = 0
        var verdict = SolanaSending.Verdict.open
    }

    /// Who signs anew.
    enum Rule { case proof, impatience, processedHeight, anyHistory }

    /// Pays once, as the node does: stores an attempt, works on it, is killed at any step and begins again from what is
    /// stored, and signs a new attempt only by the rule.
    private func run(seed: UInt64, rule: Rule) -> Run {
        var chain = ModelChain(seed: seed)
        var random = TestRandom(seed: seed &+ 1_000_000)
        var run = Run()
        var attempt = 0
        var lastValid = chain.height(at: chain.slot) + ModelChain.window
        var looks = 0
        while run.attempts < 40 {
            var sending = SolanaSending(
                lastValidBlockHeight: lastValid, sends: random.chance(perMille: 800), target: .finalized, rounds: 20)
            while true {
                if random.chance(perMille: 30) {
                    run.crashes += 1
                    chain.tick(Int64(random.below(200)))
                    break
                }
                if case .end(let verdict) = sending.next {
                    run.verdict = verdict
                    break
                }
                sending.apply(event(sending.next, attempt, lastValid, &chain, &random, rule))
            }
            switch run.verdict {
            case .done, .failed:
                chain.tick(400)
                run.payments = chain.paid.count
                return run
            case .expired, .confirmed, .forgotten, .unspent, .unwanted, .open:
                looks += 1
                let isOver = if case .expired = run.verdict { true } else { rule == .impatience && looks % 4 == 0 }
                run.verdict = .open
                guard isOver else { continue }
                attempt += 1
                run.attempts += 1
                // Sometimes the blockhash that a node gives is old already.
                let stale = random.chance(perMille: 200) ? Int64(random.below(140)) : 0
                lastValid = chain.height(at: chain.slot) + ModelChain.window - stale
            }
        }
        chain.tick(400)
        run.payments = chain.paid.count
        return run
    }

    private func event(
        _ step: SolanaSending.Step, _ id: Int, _ lastValid: Int64, _ chain: inout ModelChain,
        _ random: inout TestRandom,
        _ rule: Rule
    ) -> SolanaSending.Event {
        if random.chance(perMille: 80) { return step == .rest ? .rested : .unanswered }
        switch step {
        case .look:
            let (status, slot) = chain.status(id)
            return .status(status, slot: slot)
        case .search:
            guard let (status, slot) = chain.search(id) else {
                return rule == .anyHistory ? .status(nil, slot: chain.slot) : .forgotten
            }
            return .status(status, slot: rule == .processedHeight ? .max : slot)
        case .measure:
            let slot = chain.slot - (rule == .processedHeight ? -20 : 32 + Int64(random.below(10)))
            return .finalized(
                slot: slot,
                blockHeight: rule == .processedHeight ? chain.height(at: chain.slot) + 20 : chain.height(at: slot))
        case .send(let skips):
            return chain.send(id, lastValidBlockHeight: lastValid, skipsPreflight: skips).map { .sent($0) }
                ?? .unanswered
        case .rest:
            chain.tick(5)
            return .rested
        case .end: return .unanswered
        }
    }

    @Test("in 3,000 runs with faults and crashes nobody is paid twice, and nothing is forgotten")
    func nobodyTwice() {
        var totals = (attempts: 0, crashes: 0, failed: 0)
        for seed in UInt64(1)...3_000 {
            let run = run(seed: seed, rule: .proof)
            totals.attempts += run.attempts
            totals.crashes += run.crashes
            switch run.verdict {
            case .done: #expect(run.payments == 1, "seed \(seed): paid \(run.payments) times")
            case .failed:
                totals.failed += 1
                #expect(run.payments == 0, "seed \(seed): failed, and paid \(run.payments) times")
            default:
                // A frozen recipient whose payments never land is given up by the node, unpaid.
                #expect(run.payments == 0, "seed \(seed): forgotten, and paid \(run.payments) times")
                #expect(ModelChain(seed: seed).isFrozen, "seed \(seed): forgotten")
            }
        }
        #expect(totals.attempts > 3_300 && totals.crashes > 3_000 && totals.failed > 50, "\(totals)")
    }

    @Test(
        "signing anew out of impatience, by a height that is not final or a node without history pays twice"
    )
    func twice() {
        for rule in [Rule.impatience, .processedHeight, .anyHistory] {
            let twice = (UInt64(1)...1_000).count { run(seed: $0, rule: rule).payments > 1 }
            #expect(twice > 0, "\(rule)")
        }
    }
}
