import Synchronization
import Testing

/// A clock that tests set, Unix milliseconds.
final class TestClock: Sendable {
    private let now: Atomic<Int64>

    init(ms: Int64 = 1_800_000_000_000) { now = Atomic(ms) }

    var ms: Int64 { now.load(ordering: .relaxed) }
    func advance(ms: Int64) { now.wrappingAdd(ms, ordering: .relaxed) }
}

/// Waits until a condition holds, a minute at most; returns whether it did.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return false
}

/// Waits until a condition holds; that it does not within a minute is the test's failure.
func waitUntil(
    sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let isMet = try await eventually(condition)
    #expect(isMet, "what was waited for did not come", sourceLocation: sourceLocation)
}
