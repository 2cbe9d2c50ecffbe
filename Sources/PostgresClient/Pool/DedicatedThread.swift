import Glibc
import Synchronization

/// An operating-system thread for work that blocks, so that none of the runtime's few threads is held up.
public final class DedicatedThread: Sendable {
    /// Bytes of stack: what libpq, and name resolution below it, need with room to spare.
    private static let stackBytes = 1 << 20

    private let state = Mutex(State())

    private struct State {
        var isDone = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private init() {}

    /// Starts a thread that runs the body once.
    ///
    /// - Parameter name: shown by `ps -L` and debuggers; cut to 15 bytes, the kernel's limit.
    public static func spawn(name: String, _ body: @escaping @Sendable () -> Void) -> DedicatedThread {
        let thread = DedicatedThread()
        let start = Start(name: name, thread: thread, body: body)
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, stackBytes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        var identifier = pthread_t()
        let context = Unmanaged.passRetained(start).toOpaque()
        let code = pthread_create(
            &identifier, &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<Start>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        // Out of threads or memory at start-up: nothing that the program could do would be right.
        precondition(code == 0, "the system gives no thread for \(name)")
        return thread
    }

    /// Waits until the body has returned.
    public func join() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if !state.isDone { state.waiters.append(continuation) }
                return state.isDone
            }
            if isDone { continuation.resume() }
        }
    }

    /// Runs a blocking body on a thread of its own and returns what it returns.
    public static func run<Value: Sendable>(
        name: String, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            _ = spawn(name: name) { continuation.resume(with: Result { try body() }) }
        }
    }

    private func finish() {
        let waiters = state.withLock { state in
            state.isDone = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// What the new thread is handed.
    private final class Start: Sendable {
        let name: String
        let thread: DedicatedThread
        let body: @Sendable () -> Void

        init(name: String, thread: DedicatedThread, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.thread = thread
            self.body = body
        }

        func run() {
            nameThread()
            body()
            thread.finish()
        }

        /// The kernel takes a thread's name through a file; a name is a convenience, so a failure is no error.
        private func nameThread() {
            let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            let bytes = Array(name.utf8.prefix(15))
            _ = write(file, bytes, bytes.count)
            close(file)
        }
    }
}
