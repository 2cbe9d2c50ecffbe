import Inbound
import Testing

/// When an event is handed out again: a table.
@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy()

    @Test("what was handled is at its end, whenever that was")
    func ends() {
        for age in [Int64(0), policy.patienceMs * 2] {
            let done = policy.decide(.applied, attempts: 9, triedSinceMs: 0, nowMs: age, jitter: 500)
            #expect(done == Verdict(status: .done, nextAtMs: age, reason: ""))
            let ignored = policy.decide(.ignored("not ours"), attempts: 9, triedSinceMs: 0, nowMs: age, jitter: 500)
            #expect(ignored == Verdict(status: .ignored, nextAtMs: age, reason: "not ours"))
        }
    }

    @Test("pauses double from a second to an hour, and lie between their half and their whole")
    func pauses() {
        for attempts in Int64(1)...200 {
            let whole = min(Int64(1000) << min(attempts - 1, 30), 3_600_000)
            #expect(policy.pause(attempts: attempts, jitter: 0) == whole / 2)
            #expect(policy.pause(attempts: attempts, jitter: 1000) == whole)
            #expect((whole / 2...whole).contains(policy.pause(attempts: attempts, jitter: 333)))
        }
        for extreme in [Int64.min, -1, 0, .max] {
            #expect((500...3_600_000).contains(policy.pause(attempts: extreme, jitter: extreme)))
        }
    }

    @Test("parked and retried events come back until three days are over, then they have failed")
    func patience() {
        for disposition in [Disposition.parked("no such payment"), .retry("no answer")] {
            let last = policy.patienceMs - 1
            let again = policy.decide(disposition, attempts: 80, triedSinceMs: 5, nowMs: 5 + last, jitter: 1000)
            #expect(again.status == .parked)
            #expect(again.nextAtMs == 5 + last + 3_600_000)
            let over = policy.decide(disposition, attempts: 81, triedSinceMs: 5, nowMs: 6 + last, jitter: 1000)
            #expect(over.status == .failed)
            #expect(!over.reason.isEmpty)
            #expect(over.nextAtMs == 6 + last + policy.failedPauseMs)
        }
    }

    @Test("an event whose object never comes is tried some eighty times in three days")
    func history() {
        var (now, attempts) = (Int64(0), Int64(0))
        while true {
            attempts += 1
            let verdict = policy.decide(.parked("?"), attempts: attempts, triedSinceMs: 0, nowMs: now, jitter: 1000)
            if verdict.status == .failed { break }
            #expect(verdict.nextAtMs > now)
            now = verdict.nextAtMs
        }
        #expect((75...95).contains(attempts))
        #expect(now >= policy.patienceMs && now < policy.patienceMs + policy.pauseMaxMs)
    }

    @Test("a reason is kept to its bound, without control characters")
    func reasons() {
        let reason = String(repeating: "é", count: 400) + "\u{0}\n"
        let verdict = policy.decide(.ignored(reason), attempts: 1, triedSinceMs: 0, nowMs: 0, jitter: 0)
        #expect(verdict.reason == String(repeating: "é", count: RetryPolicy.reasonMax / 2))
        let control = policy.decide(.ignored("a\u{0}b\nc"), attempts: 1, triedSinceMs: 0, nowMs: 0, jitter: 0)
        #expect(control.reason == "a b c")
    }
}
