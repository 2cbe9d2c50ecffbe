/// The clock, the waiting and the chance that the rail uses; tests bring their own.
public struct SolanaTiming: Sendable {
    /// Milliseconds since 1970.
    public let nowMs: @Sendable () -> Int64
    /// Waits that many milliseconds; throws where the task is cancelled.
    public let sleep: @Sendable (Int64) async throws(CancellationError) -> Void
    /// A number from 0 to 1000, to spread repetitions with.
    public let jitter: @Sendable () -> Int64

    /// A timing.
    public init(
        nowMs: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Int64) async throws(CancellationError) -> Void,
        jitter: @escaping @Sendable () -> Int64
    ) {
        self.nowMs = nowMs
        self.sleep = sleep
        self.jitter = jitter
    }

    /// The task's own sleep, and the system's randomness.
    /// - Parameter nowMs: the node's clock.
    public static func live(nowMs: @escaping @Sendable () -> Int64) -> SolanaTiming {
        SolanaTiming(nowMs: nowMs) { (milliseconds: Int64) async throws(CancellationError) in
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
