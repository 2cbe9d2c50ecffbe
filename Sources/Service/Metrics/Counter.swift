import Synchronization

/// A number that only grows. Safe from any thread; one atomic addition.
public final class Counter: Sendable {
    private let count = Atomic<Int64>(0)

    init() {}

    /// Adds `amount`, which is not negative.
    public func increment(by amount: Int64 = 1) { count.add(amount, ordering: .relaxed) }

    /// The number now.
    public var value: Int64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down. Safe from any thread.
public final class Gauge: Sendable {
    private let current = Atomic<Int64>(0)

    init() {}

    /// Adds one.
    public func increment() { current.add(1, ordering: .relaxed) }

    /// Takes one away.
    public func decrement() { current.subtract(1, ordering: .relaxed) }

    /// Sets the number.
    public func set(_ value: Int64) { current.store(value, ordering: .relaxed) }

    /// The number now.
    public var value: Int64 { current.load(ordering: .relaxed) }
}

/// How often a duration fell under each of a few bounds. Safe from any thread; two atomic additions.
public final class Histogram: Sendable {
    /// The buckets' upper bounds in microseconds, ascending.
    public let boundsMicroseconds: [Int64]
    private let buckets: [Counter]
    private let total = Atomic<Int64>(0)

    /// 100 µs to 10 s: what a settlement takes, from an idle machine to one in trouble.
    public static let requestBounds: [Int64] = [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
        10_000_000,
    ]

    init(boundsMicroseconds: [Int64]) {
        self.boundsMicroseconds = boundsMicroseconds
        buckets = (0...boundsMicroseconds.count).map { _ in Counter() }
    }

    /// Counts one duration.
    public func observe(microseconds: Int64) {
        var index = 0
        while index < boundsMicroseconds.count, microseconds > boundsMicroseconds[index] { index += 1 }
        buckets[index].increment()
        total.add(microseconds, ordering: .relaxed)
    }

    /// The counts per bucket, the last one beyond all bounds.
    var counts: [Int64] { buckets.map(\.value) }

    /// The sum of all durations.
    var sumMicroseconds: Int64 { total.load(ordering: .relaxed) }
}
