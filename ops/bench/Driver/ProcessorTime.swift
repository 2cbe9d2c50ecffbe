import CEpoll
import Foundation

/// Measures by processor time: what a neighbour on the machine does changes it little.
enum ProcessorTime {
    /// Seconds that this thread has used.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Seconds that a pass takes, the least of five.
    static func leastOfFive(_ body: (_ pass: Int) throws -> Void) rethrows -> Double {
        var least = Double.infinity
        for pass in 0..<5 {
            let before = now()
            try body(pass)
            least = min(least, now() - before)
        }
        return least
    }
}
