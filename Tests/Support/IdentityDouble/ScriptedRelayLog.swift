import Cryptography
public import ProofChain
public import Settlement
import Synchronization

/// A relay's log that a test writes, cuts and breaks.
public final class ScriptedRelayLog: RelayLog {
    private struct State {
        var entries: [RelayLogEntry] = []
        var failure: RelayLogFailure?
        var pages = 0
        var pageEntriesMax = Int.max
    }

    private let name: String
    private let state = Mutex(State())

    /// An empty log.
    public init(_ name: String = "http://relay.test") { self.name = name }

    /// How many pages were asked for.
    public var pages: Int { state.withLock { $0.pages } }

    /// Adds operations at the end.
    public func append(_ operations: [SignedOperation]) {
        state.withLock { state in
            state.entries += operations.map { RelayLogEntry(cid: $0.cid.string, token: $0.token) }
        }
    }

    /// Adds an entry as it stands.
    public func append(cid: String, token: String) {
        state.withLock { $0.entries.append(RelayLogEntry(cid: cid, token: token)) }
    }

    /// Puts another log in the place of this one.
    public func replace(with operations: [SignedOperation]) {
        state.withLock { $0.entries = [] }
        append(operations)
    }

    /// What it answers from now on in the place of pages; nil: pages again.
    public func fail(with failure: RelayLogFailure?) { state.withLock { $0.failure = failure } }

    /// Gives smaller pages, and says of larger ones that they are too large.
    public func limitPages(to count: Int) { state.withLock { $0.pageEntriesMax = count } }

    /// See ``RelayLog/identity()``.
    public func identity() async throws(RelayLogFailure) -> String { name }

    /// See ``RelayLog/page(after:limit:)``.
    public func page(after cursor: String?, limit: Int) async throws(RelayLogFailure) -> RelayLogPage {
        let result: Result<RelayLogPage, RelayLogFailure> = state.withLock { state in
            state.pages += 1
            if let failure = state.failure { return .failure(failure) }
            guard limit <= state.pageEntriesMax else { return .failure(.pageTooLarge) }
            var start = 0
            if let cursor {
                guard let at = state.entries.lastIndex(where: { $0.cid == cursor }) else {
                    return .failure(.cursorUnknown)
                }
                start = at + 1
            }
            let entries = Array(state.entries[start...].prefix(limit))
            let isLast = start + entries.count == state.entries.count
            return .success(RelayLogPage(entries: entries, next: isLast ? nil : entries.last?.cid))
        }
        return try result.get()
    }
}
