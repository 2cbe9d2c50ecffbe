import Stripe
import Testing

@Suite("The age of an idempotency key")
struct KeyAgeTests {
    @Test("a key is sent again for 23 hours; then, and when the clock went back, it is looked up first")
    func steps() {
        let hour: Int64 = 3_600_000
        for (age, step) in [
            (0, .sendAgain), (hour, .sendAgain), (23 * hour - 1, .sendAgain), (23 * hour, .lookUp),
            (48 * hour, .lookUp),
            (-1, .lookUp),
        ] as [(Int64, StripeKeyAge.Step)] {
            #expect(StripeKeyAge.step(firstSentAtMs: 1_700_000_000_000, nowMs: 1_700_000_000_000 + age) == step)
        }
        #expect(StripeKeyAge.step(firstSentAtMs: .min, nowMs: .max) == .lookUp)
    }
}
