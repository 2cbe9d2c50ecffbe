/// The clock, the waiting and the chance that the client uses; tests bring their own.
public struct StripeTiming: Sendable {
    /// Milliseconds since 1970.
    public let nowMilliseconds: @Sendable () -> Int64
    /// Waits that many milliseconds; throws where the task is cancelled.
    public let sleep: @Sendable (Int64) async throws(CancellationError) -> Void
    /// A number from 0 to 1000, to spread tries with.
    public let jitter: @Sendable () -> Int64

    /// Makes a timing.
    public init(
        nowMilliseconds: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Int64) async throws(CancellationError) -> Void,
        jitter: @escaping @Sendable () -> Int64
    ) {
        self.nowMilliseconds = nowMilliseconds
        self.sleep = sleep
        self.jitter = jitter
    }

    /// The task's own sleep, and the system's randomness.
    ///
    /// - Parameter nowMilliseconds: the node's clock.
    public static func live(nowMilliseconds: @escaping @Sendable () -> Int64) -> StripeTiming {
        StripeTiming(nowMilliseconds: nowMilliseconds) { (milliseconds: Int64) async throws(CancellationError) in
            do {
                try await Task.sleep(for: .milliseconds(milliseconds))
            } catch {
                throw CancellationError()
            }
        } jitter: {
            Int64.random(in: 0...1000)
        }
    }
}
