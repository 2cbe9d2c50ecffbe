import Stripe
import Testing

@Suite("The age of an idempotency key")
struct KeyAgeTests {
    private static let hour: Int64 = 3_600_000
    private static let began: Int64 = 1_700_000_000_000

    @Test(
        "a key is used for 22 hours, then nothing is sent for one, then it is looked up and has another key",
        arguments: [
            (0, .send(key: "k")), (-200_000, .send(key: "k")), (22 * hour - 1, .send(key: "k")), (22 * hour, .rest),
            (23 * hour - 1, .rest), (23 * hour, .lookUpThenSend(key: "k~1")), (45 * hour, .rest),
            (46 * hour, .lookUpThenSend(key: "k~2")), (-400_000, .rest),
        ] as [(Int64, StripeKeyAge.Step)])
    func steps(age: Int64, step: StripeKeyAge.Step) {
        #expect(StripeKeyAge.step(key: "k", firstSentAtMs: Self.began, nowMs: Self.began + age) == step)
    }

    @Test("no key is used later than 23 hours after its first use, whenever it is used")
    func neverTooOld() {
        var firstUse: [String: Int64] = [:]
        for age in stride(from: Int64(0), to: 500 * Self.hour, by: 60_000) {
            switch StripeKeyAge.step(key: "k", firstSentAtMs: Self.began, nowMs: Self.began + age) {
            case .rest: break
            case .send(let key), .lookUpThenSend(let key):
                let first = firstUse[key] ?? age
                firstUse[key] = first
                #expect(age - first < 23 * Self.hour)
            }
        }
        #expect(firstUse.count == 22)
    }

    @Test("times at the end of the range rest")
    func extremes() {
        #expect(StripeKeyAge.step(key: "k", firstSentAtMs: .min, nowMs: .max) == .rest)
        #expect(StripeKeyAge.step(key: "k", firstSentAtMs: .max, nowMs: .min) == .rest)
    }
}
