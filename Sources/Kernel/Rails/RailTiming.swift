/// When the node acts next. All times are milliseconds.
public enum RailTiming {
    /// How long a call of a rail may take before another process asks what became of it. Longer than the slowest
    /// adapter's own limit: five tries of a request of 30 s each.
    public static let callMs: Int64 = 180_000
    /// First pause before a rail is asked again after an uncertain answer; it doubles.
    static let askFirstMs: Int64 = 2_000
    /// Longest pause between two questions.
    package static let askMostMs: Int64 = 900_000
    /// First pause between looks at a payment that its payer has not made yet; it doubles. Webhooks come first, as a
    /// rule.
    static let lookFirstMs: Int64 = 30_000
    /// Longest pause between looks.
    static let lookMostMs: Int64 = 3_600_000
    /// After so many tries to settle a payment that has arrived, over a day and some, a person has to look at it.
    package static let settleTriesMax = 32
    /// When the node tries again what it could not do for a dispute or an escrow.
    static let postponedMs: Int64 = 3_600_000
    /// When the second and the third try of a failed payout follow the first: three tries over seven days.
    static let retryMs: [Int64] = [2 * 86_400_000, 5 * 86_400_000]

    /// The pause before question `number` (1, 2, …) about `id`: doubling, bounded, and spread over its last quarter so
    /// that many do not ask at once. The spread comes from the id, so that the same history gives the same time.
    static func pause(first: Int64, most: Int64, number: Int, id: String) -> Int64 {
        let doubled = number > 20 ? most : min(first << Int64(max(number - 1, 0)), most)
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        hash = (hash ^ UInt64(number)) &* 1_099_511_628_211
        return doubled - Int64((hash >> 32) % UInt64(doubled / 4 + 1))
    }

}

extension RailAttempt? {
    /// One more answer that was not certain.
    /// - Returns: when to ask again; `nil` where nothing was begun.
    mutating func askAgain(id: String, nowMs: Int64) -> Int64? {
        self?.asked += 1
        return map {
            nowMs
                + RailTiming.pause(
                    first: RailTiming.askFirstMs, most: RailTiming.askMostMs,
                    number: $0.asked + ($0.askedBefore ?? 0), id: id)
        }
    }

    /// The node takes an attempt up again that the rail never accepted. Pauses go on from where they were.
    /// - Returns: until when others leave it alone.
    mutating func resume(by process: String?, nowMs: Int64) -> Int64 {
        self?.by = process
        self?.isAbsent = false
        let asked = map { $0.asked + ($0.askedBefore ?? 0) }
        self?.askedBefore = asked
        self?.asked = 0
        return nowMs + RailTiming.callMs
    }
}
