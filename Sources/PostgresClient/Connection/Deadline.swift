import Glibc

/// A point on the monotonic clock up to which something may take.
package struct Deadline: Sendable, Comparable {
    /// Nanoseconds on the monotonic clock.
    let nanoseconds: UInt64

    /// Never passes within the life of a machine.
    package static let distant = Deadline(nanoseconds: .max)

    /// The longest span that is counted, about three years; more is `distant`.
    private static let secondsMax = 100_000_000.0

    init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The deadline a number of seconds from now; zero or less has passed already.
    package static func after(seconds: Double) -> Deadline {
        guard seconds < secondsMax else { return distant }
        let span = seconds > 0 ? UInt64(seconds * 1e9) : 0
        return Deadline(nanoseconds: now() + span)
    }

    /// Nanoseconds of the monotonic clock.
    package static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Whether it has passed.
    package var hasPassed: Bool { self != .distant && Self.now() >= nanoseconds }

    /// Seconds left; zero once it has passed.
    package var secondsLeft: Double {
        let now = Self.now()
        return nanoseconds > now ? Double(nanoseconds - now) / 1e9 : 0
    }

    /// Milliseconds left, rounded up, as poll() takes them; -1 waits for ever.
    var pollMilliseconds: Int32 {
        if self == .distant { return -1 }
        let now = Self.now()
        guard nanoseconds > now else { return 0 }
        return Int32(clamping: (nanoseconds - now + 999_999) / 1_000_000)
    }

    package static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }
}
