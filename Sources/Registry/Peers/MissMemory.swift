import Synchronization

/// Which chains are being asked for, and which no peer had a moment ago: anyone may ask for any name, and each would
/// cost a request to every peer. Safe from any thread.
package final class MissMemory: Sendable {
    private struct State {
        var running: Set<String> = []
        var missedAt: [String: Int64] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Whether to ask for a chain now; then `end` must follow.
    package func begin(_ key: String, nowMs: Int64) -> Bool {
        state.withLock { state in
            guard state.running.count < RelayLimits.readThroughs, !state.running.contains(key) else { return false }
            if let missed = state.missedAt[key], nowMs < missed + RelayLimits.missMilliseconds { return false }
            state.running.insert(key)
            return true
        }
    }

    package func end(_ key: String, wasFound: Bool, nowMs: Int64) {
        state.withLock { state in
            state.running.remove(key)
            state.missedAt[key] = wasFound ? nil : nowMs
            guard state.missedAt.count > RelayLimits.missesKept else { return }
            state.missedAt = state.missedAt.filter { nowMs < $0.value + RelayLimits.missMilliseconds }
            if state.missedAt.count > RelayLimits.missesKept { state.missedAt = [:] }
        }
    }
}
