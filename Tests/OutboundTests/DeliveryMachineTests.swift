import HTTPClient
import Outbound
import Testing

@Suite("What follows from an attempt to deliver")
struct DeliveryMachineTests {
    typealias Attempt = DeliveryMachine.Attempt

    private func verdict(_ attempt: Attempt, _ attempts: Int, jitter: Int64 = 0) -> DeliveryMachine.Verdict {
        DeliveryMachine.verdict(on: attempt, attempts: attempts, nowMs: 1000, jitterPermille: jitter)
    }

    @Test("any 2xx is success; a redirect, an error and silence are not", arguments: [200, 201, 204, 299])
    func success(status: Int) {
        #expect(verdict(.answered(status: status), 1) == .delivered)
        #expect(verdict(.answered(status: status), DeliveryMachine.attemptsMax) == .delivered)
        for other: Attempt in [
            .answered(status: 199), .answered(status: 302), .answered(status: 410), .answered(status: 500),
            .failed(code: "http_timed_out"),
        ] {
            #expect(verdict(other, 1) == .retry(atMs: 1000 + 5000), "\(other)")
        }
    }

    @Test("the pauses grow, and the last attempt is made three days after the first, whatever chance adds")
    func schedule() {
        let failure = Attempt.failed(code: "http_timed_out")
        for jitter: Int64 in [0, 999] {
            var pauses: [Int64] = []
            for attempts in 1..<DeliveryMachine.attemptsMax {
                guard case .retry(let atMs) = verdict(failure, attempts, jitter: jitter) else {
                    Issue.record("attempt \(attempts) is followed by another")
                    continue
                }
                pauses.append(atMs - 1000)
            }
            #expect(pauses == pauses.sorted())
            #expect(pauses.first.map { (5000...5500).contains($0) } == true)
            let days = (3 * 86_400_000)...(3 * 86_400_000 * 5 / 4)
            #expect(days.contains(Int(pauses.reduce(0, +))), "\(pauses)")
            #expect(verdict(failure, DeliveryMachine.attemptsMax, jitter: jitter) == .failed)
        }
    }

    @Test("an outage ends with the first success after five minutes of failures; a shorter one is none")
    func recovery() {
        typealias Health = DeliveryMachine.Health
        let failing = Health(failures: 2, failingSinceMs: 1_000)
        #expect(DeliveryMachine.isRecovery(from: failing, to: Health(), nowMs: 301_000))
        #expect(!DeliveryMachine.isRecovery(from: failing, to: Health(), nowMs: 300_999))
        #expect(!DeliveryMachine.isRecovery(from: Health(), to: Health(), nowMs: 301_000))
        #expect(
            !DeliveryMachine.isRecovery(from: failing, to: Health(failures: 3, failingSinceMs: 1_000), nowMs: 301_000))
    }

    @Test("an endpoint that does nothing but fail for three days is disabled; one success begins anew; 410 ends it")
    func health() {
        let failure = Attempt.answered(status: 500)
        let dayMs: Int64 = 86_400_000
        var health = DeliveryMachine.Health()
        for day: Int64 in [0, 1, 2] {
            let next = DeliveryMachine.health(health, after: failure, nowMs: day * dayMs)
            #expect(next.disabled == nil)
            health = next.health
        }
        // Long enough, and too few attempts to say so.
        var next = DeliveryMachine.health(health, after: failure, nowMs: 3 * dayMs)
        #expect(next.disabled == nil && next.health.failures == 4)
        next = DeliveryMachine.health(next.health, after: failure, nowMs: 3 * dayMs)
        #expect(next.disabled == .failing)
        // Many attempts, and not long enough.
        let many = DeliveryMachine.Health(failures: 1000, failingSinceMs: 1)
        #expect(DeliveryMachine.health(many, after: failure, nowMs: 3 * dayMs).disabled == nil)
        let well = DeliveryMachine.health(many, after: .answered(status: 200), nowMs: 9 * dayMs)
        #expect(well.disabled == nil && well.health == DeliveryMachine.Health())
        #expect(DeliveryMachine.health(.init(), after: .answered(status: 410), nowMs: 0).disabled == .gone)
    }
}
