/// How far a provider's list of events was read. What comes next follows from it; pure.
package struct SweepState: Hashable, Sendable {
    /// Every event made before this was in the list when it was read; Unix milliseconds.
    package var sweptUntilMs: Int64
    /// When the round that is under way began; nil between rounds.
    package var roundStartedMs: Int64?
    /// The page that comes next in it; nil for the first.
    package var page: String?

    package init(sweptUntilMs: Int64, roundStartedMs: Int64?, page: String?) {
        self.sweptUntilMs = sweptUntilMs
        self.roundStartedMs = roundStartedMs
        self.page = page
    }

    /// Before anything was read.
    package static func initial(nowMs: Int64) -> SweepState {
        SweepState(sweptUntilMs: max(0, nowMs - EventSweep.backMaxMs), roundStartedMs: nil, page: nil)
    }

    /// Where the list is asked from: a while before the last round, for events that appeared in the list late; never
    /// further back than the provider keeps them.
    package func sinceMs(nowMs: Int64) -> Int64 {
        max(0, nowMs - EventSweep.backMaxMs, sweptUntilMs - EventSweep.overlapMs)
    }

    /// At the begin of a run: a round that is under way goes on, unless it is so old that its page may be gone.
    package func begun(nowMs: Int64) -> SweepState {
        if let started = roundStartedMs, page != nil, (0..<EventSweep.roundMaxMs).contains(nowMs - started) {
            return self
        }
        return SweepState(sweptUntilMs: sweptUntilMs, roundStartedMs: nowMs, page: nil)
    }

    /// After a page whose events are stored. The list begins with the newest, so only its end moves `sweptUntilMs`.
    package func read(next: String?, nowMs: Int64) -> SweepState {
        guard next == nil else {
            return SweepState(sweptUntilMs: sweptUntilMs, roundStartedMs: roundStartedMs ?? nowMs, page: next)
        }
        return SweepState(sweptUntilMs: roundStartedMs ?? nowMs, roundStartedMs: nil, page: nil)
    }
}
