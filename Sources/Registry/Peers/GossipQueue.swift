import Cryptography
import Synchronization

/// What waits to be passed on to one peer, oldest first. Bounded: past it the oldest are dropped, which the peer then
/// gets by reading the log. Safe from any thread.
package final class GossipQueue: Sendable {
    private struct State {
        var tokens: [String] = []
        var waiter: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let bound: Int

    /// Bytes of tokens in one request, which stays below the protocol's bound for a body with it.
    private static let requestBytes = 8 << 20

    package init(bound: Int = RelayLimits.gossipWaiting) { self.bound = bound }

    /// Puts tokens at the end.
    /// - Returns: how many were dropped to make room.
    package func add(_ tokens: [String]) -> Int {
        let (dropped, waiter) = state.withLock { state -> (Int, CheckedContinuation<Void, Never>?) in
            state.tokens += tokens
            let dropped = max(0, state.tokens.count - bound)
            state.tokens.removeFirst(dropped)
            defer { state.waiter = nil }
            return (dropped, state.waiter)
        }
        waiter?.resume()
        return dropped
    }

    /// Waits for tokens and takes what fits one request; nil when the queue was closed.
    package func next() async -> [String]? {
        while true {
            if let batch = state.withLock({ Self.take(&$0) }) { return batch }
            if state.withLock({ $0.isClosed }) { return nil }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.isClosed || !state.tokens.isEmpty { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }

    private static func take(_ state: inout State) -> [String]? {
        guard !state.isClosed, !state.tokens.isEmpty else { return nil }
        var bytes = 0
        var count = 0
        for token in state.tokens.prefix(RelayLimits.operationsPerRequest) {
            bytes += token.utf8.count
            if count > 0, bytes > requestBytes { break }
            count += 1
        }
        defer { state.tokens.removeFirst(count) }
        return Array(state.tokens.prefix(count))
    }

    /// Ends the wait; what is left is dropped.
    package func close() {
        let waiter = state.withLock { state in
            state.isClosed = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// The body of a request.
    static func body(_ tokens: [String]) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("operations", tokens)
        out.endObject()
        return out.bytes
    }
}
