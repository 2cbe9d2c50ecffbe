import Kernel
import LedgerDouble
import Settlement

/// A poster on a `MemoryBook`, driven by hand: what it asks for is kept until the test answers it.
struct Bench {
    var poster: Poster
    var book = MemoryBook()
    var nowMs = People.noonMs
    /// What was asked of the database and is not answered, oldest first.
    private var out: [PosterEffect] = []
    var answers: [UInt64: [Decision]] = [:]
    var failures: [UInt64: LedgerFailure] = [:]
    var forwarded: [UInt64] = []
    var commits = 0

    init(_ limits: Poster.Limits = Poster.Limits()) { poster = Poster(book: People.book, limits: limits) }

    /// Tells the poster, and sorts what it wants; the names of the effects, in order.
    @discardableResult
    mutating func tell(_ event: PosterEvent) -> [String] {
        let effects = poster.handle(event, nowMs: nowMs)
        for effect in effects {
            switch effect {
            case .answer(let ticket, let decisions): answers[ticket] = decisions
            case .fail(let ticket, let failure): failures[ticket] = failure
            case .forward(let submissions): forwarded += submissions.map(\.ticket)
            case .releaseLease(let epoch): book.release(epoch: epoch)
            default:
                out.append(effect)
                precondition(out.count <= 2 && Set(out.map(\.name)).count == out.count, "too much is out at once")
            }
        }
        return effects.map(\.name)
    }

    /// Submits commands, one submission each, with these tickets.
    @discardableResult
    mutating func submit(_ commands: (UInt64, Command)...) -> [String] {
        tell(.submitted(commands.map { Submission(ticket: $0.0, commands: [$0.1]) }))
    }

    @discardableResult
    mutating func submit(intent id: String, _ command: Command) -> [String] {
        tell(.submitted([Submission(ticket: 0, commands: [command], intentID: id)]))
    }

    /// The oldest call that is out.
    var asked: PosterEffect? { out.first }

    /// Does what was asked first, or the call of that name, and tells the poster how it went.
    @discardableResult
    mutating func perform(_ name: String? = nil) -> [String] {
        guard let effect = take(name) else { return [] }
        return tell(execute(effect))
    }

    /// Does what was asked, and tells the poster something else.
    @discardableResult
    mutating func performThenFail(_ failure: StoreFailure) -> [String] {
        guard let effect = take(), let call = effect.call else { return [] }
        _ = execute(effect)
        return tell(.failed(call, failure))
    }

    /// Does nothing, and tells the poster that it went wrong.
    @discardableResult
    mutating func fail(_ failure: StoreFailure, _ name: String? = nil) -> [String] {
        guard let call = take(name)?.call else { return [] }
        return tell(.failed(call, failure))
    }

    /// Does everything that is asked until nothing is.
    mutating func run() {
        while asked != nil { perform() }
    }

    private mutating func take(_ name: String? = nil) -> PosterEffect? {
        out.firstIndex { name == nil || $0.name == name }.map { out.remove(at: $0) }
    }

    private mutating func execute(_ effect: PosterEffect) -> PosterEvent {
        switch effect {
        case .acquireLease:
            return book.acquire(holder: "bench", nowMs: nowMs, leaseMs: 5000).map { .leaseGranted($0) } ?? .leaseDenied
        case .renewLease(let epoch):
            return book.renew(epoch: epoch, nowMs: nowMs, leaseMs: 5000) ? .leaseRenewed : .failed(.lease, .fenced)
        case .load(let number, let asked): return .loaded(number, book.load(asked, nowMs: nowMs))
        case .commit(let commit):
            commits += 1
            do throws(StoreFailure) {
                try book.commit(commit, nowMs: nowMs, leaseMs: 5000)
                return .committed
            } catch {
                return .failed(.commit, error)
            }
        case .releaseLease, .forward, .answer, .fail: preconditionFailure("not asked of the database")
        }
    }
}

extension PosterEffect {
    var name: String {
        switch self {
        case .acquireLease: "acquire"
        case .renewLease: "renew"
        case .releaseLease: "release"
        case .load: "load"
        case .commit: "commit"
        case .forward: "forward"
        case .answer(let ticket, _): "answer \(ticket)"
        case .fail(let ticket, let failure): "fail \(ticket) \(failure.code)"
        }
    }
}
