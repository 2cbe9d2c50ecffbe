import Dispatch
import Testing

/// Runs a suite's tests on one thread of their own: they block while programs run, and the few threads that all tests
/// share must not.
struct OwnThread: TestTrait, SuiteTrait, TestScoping {
    let isRecursive = true

    private static let executor = Executor()

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(Self.executor) { try await function() }
    }

    private final class Executor: TaskExecutor {
        private let queue = DispatchQueue(label: "end-to-end")

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}

extension Trait where Self == OwnThread {
    /// The tests may block.
    static var onOwnThread: Self { Self() }
}

/// The whole program, driven as its users drive it. One test at a time: each has a node of its own, some have two.
@Suite("The built program", .serialized, .onOwnThread)
enum EndToEnd {}
