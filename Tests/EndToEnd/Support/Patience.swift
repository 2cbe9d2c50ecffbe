import Foundation
import Testing

/// How long the tests wait, and for what.
enum Patience {
    /// The longest wait for anything that has no bound of its own.
    static let seconds = 60.0
    /// Between two looks at a condition.
    private static let pauseMicroseconds: UInt32 = 5_000
    private static let stretchMax = 6.0

    /// How much slower than an idle machine this one is now: 1 … 6, by its load of the last minute. Bounds on the
    /// program's time are multiplied by it, because other tests and builds may run beside these.
    static var stretch: Double {
        let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        let load = text.split(separator: " ").first.flatMap { Double($0) } ?? 1
        return min(stretchMax, max(1, load / Double(ProcessInfo.processInfo.activeProcessorCount)))
    }

    /// Tries again every few milliseconds until the condition holds; fails the test when it never does.
    /// - Returns: the seconds that it took.
    @discardableResult
    static func until(
        _ what: String, within limit: Double = seconds, _ location: SourceLocation = #_sourceLocation,
        _ condition: () throws -> Bool
    ) throws -> Double {
        let began = Date()
        while try !condition() {
            let waited = Date().timeIntervalSince(began)
            try #require(waited < limit, "after \(limit) s not yet: \(what)", sourceLocation: location)
            pause()
        }
        return Date().timeIntervalSince(began)
    }

    /// What a loop does between two tries of something that has just failed.
    static func pause() { usleep(pauseMicroseconds) }
}
