public import Kernel
public import Settlement
import Synchronization

/// A `LedgerStore` in memory: the poster's machine over a `MemoryBook`, without threads or waiting. Every submission
/// is a batch of its own and is answered before `submit` returns.
public final class LedgerDouble: LedgerStore {
    struct Core {
        var book = MemoryBook()
        var poster: Poster
        var ticket: UInt64 = 0
        var failures: [LedgerFailure] = []
        var submissions: [Submitted] = []
    }

    /// Commands that came together, and when.
    public struct Submitted: Sendable {
        /// The commands.
        public var commands: [Command]
        /// All or none.
        public let isAtomic: Bool
        /// The clock, milliseconds since 1970.
        public let nowMs: Int64
    }

    let core: Mutex<Core>
    /// The wall clock, milliseconds since 1970.
    let clock: @Sendable () -> Int64

    /// An empty book.
    public init(
        book: BookIdentity = People.book, clock: @escaping @Sendable () -> Int64 = { People.noonMs }
    ) {
        core = Mutex(Core(poster: Poster(book: book)))
        self.clock = clock
    }

    /// The tables as they are now.
    public var book: MemoryBook { core.withLock { $0.book } }

    /// Every command that was submitted, answered or not.
    public var submitted: [Command] { submissions.flatMap(\.commands) }

    /// The same as they came together, in the order in which they were decided.
    public var submissions: [Submitted] { core.withLock { $0.submissions } }

    /// Lets the next calls of `submit` fail, one each, without doing anything.
    public func failNext(_ failures: LedgerFailure...) {
        core.withLock { $0.failures.append(contentsOf: failures) }
    }

    /// Sets what a recipient says about a sender's cluster.
    public func setGasRule(_ rule: GasRule, for key: GasKey) { core.withLock { $0.book.gasRules[key] = rule } }

    /// Declares that a sender belongs to a founder's cluster.
    public func setGasCluster(_ sender: String, founder: String) {
        core.withLock { $0.book.gasClusters[sender] = founder }
    }

    /// See `LedgerStore`.
    public func submit(_ commands: [Command], atomically: Bool) async throws(LedgerFailure) -> [Decision] {
        let nowMs = clock()
        let result = core.withLock { core -> Result<[Decision], LedgerFailure> in
            core.submissions.append(Submitted(commands: commands, isAtomic: atomically, nowMs: nowMs))
            if !core.failures.isEmpty { return .failure(core.failures.removeFirst()) }
            return core.submit(commands, atomically: atomically, nowMs: nowMs)
        }
        return try result.get()
    }
}

extension LedgerDouble.Core {
    private static let leaseMs: Int64 = 5000

    mutating func submit(
        _ commands: [Command], atomically: Bool, nowMs: Int64
    ) -> Result<[Decision], LedgerFailure> {
        ticket += 1
        let submission = Submission(ticket: ticket, commands: commands, isAtomic: atomically)
        var effects = poster.handle(.submitted([submission]), nowMs: nowMs)
        while !effects.isEmpty {
            let effect = effects.removeFirst()
            switch effect {
            case .answer(_, let decisions): return .success(decisions)
            case .fail(_, let failure): return .failure(failure)
            default:
                guard let event = perform(effect, nowMs: nowMs) else { continue }
                effects += poster.handle(event, nowMs: nowMs)
            }
        }
        preconditionFailure("the poster left a submission without an answer")
    }

    private mutating func perform(_ effect: PosterEffect, nowMs: Int64) -> PosterEvent? {
        switch effect {
        case .acquireLease:
            book.acquire(holder: "double", nowMs: nowMs, leaseMs: Self.leaseMs).map { .leaseGranted($0) }
                ?? .leaseDenied
        case .renewLease(let epoch):
            book.renew(epoch: epoch, nowMs: nowMs, leaseMs: Self.leaseMs) ? .leaseRenewed : .failed(.lease, .fenced)
        case .releaseLease, .forward, .answer, .fail: nil
        case .load(let number, let asked): .loaded(number, book.load(asked, nowMs: nowMs))
        case .commit(let commit): self.commit(commit, nowMs: nowMs)
        }
    }

    private mutating func commit(_ commit: PosterCommit, nowMs: Int64) -> PosterEvent {
        do throws(StoreFailure) {
            try book.commit(commit, nowMs: nowMs, leaseMs: Self.leaseMs)
            return .committed
        } catch {
            return .failed(.commit, error)
        }
    }
}
