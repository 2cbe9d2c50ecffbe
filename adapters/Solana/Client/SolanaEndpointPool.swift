/// Which endpoint is asked next. A value: the same calls at the same times give the same answers.
///
/// The first that is open and has a turn left is asked; one that failed is closed for a while, longer each time. A turn
/// is a thousandth-counted token of a bucket that fills evenly, so that nothing is a fraction.
package struct SolanaEndpointPool: Sendable {
    /// How one endpoint fares.
    package struct Health: Hashable, Sendable {
        /// Turns left, in thousandths.
        package var milliTokens: Int64
        /// When they were counted.
        package var countedAtMs: Int64?
        /// Not asked before this time, unless all are closed.
        package var closedUntilMs: Int64 = 0
        /// Failures since the last answer.
        package var failures = 0
    }

    /// A turn at an endpoint.
    package struct Turn: Hashable, Sendable {
        package let index: Int
        /// How long to wait before using it.
        package let waitMs: Int64

        package init(index: Int, waitMs: Int64) {
            self.index = index
            self.waitMs = waitMs
        }
    }

    package let endpoints: [SolanaEndpoint]
    package private(set) var health: [Health]

    /// An endpoint is closed for this long after its first failure, twice as long after the next.
    package static let closedFirstMs: Int64 = 500
    /// And for no longer than this, so that a question waits for an only endpoint and is not given up.
    package static let closedMostMs: Int64 = 8_000
    /// The longest that it may ask for itself.
    package static let retryAfterMostMs: Int64 = 60_000

    package init(_ endpoints: [SolanaEndpoint]) {
        precondition(!endpoints.isEmpty, "a client has an endpoint")
        self.endpoints = endpoints
        health = endpoints.map { Health(milliTokens: $0.burst * 1000) }
    }

    /// Takes a turn: at the endpoint that is free first, the earlier of two.
    /// - Parameter avoiding: endpoints that this request has been to; they are asked again only where there are no
    ///   others.
    package mutating func take(nowMs: Int64, avoiding: Set<Int> = []) -> Turn {
        for index in endpoints.indices { refill(index, nowMs: nowMs) }
        let fresh = endpoints.indices.filter { !avoiding.contains($0) }
        let candidates = fresh.isEmpty ? Array(endpoints.indices) : fresh
        let waits = candidates.map { (index: $0, waitMs: wait($0, nowMs: nowMs)) }
        let best = waits.min { ($0.waitMs, $0.index) < ($1.waitMs, $1.index) } ?? (0, 0)
        // Taken at once, so that the next one waits behind it: the count goes below nothing.
        health[best.index].milliTokens -= 1000
        return Turn(index: best.index, waitMs: best.waitMs)
    }

    /// Gives back a turn that was not used.
    package mutating func giveBack(_ turn: Turn) { health[turn.index].milliTokens += 1000 }

    /// It answered.
    package mutating func answered(_ index: Int) {
        health[index].failures = 0
        health[index].closedUntilMs = 0
    }

    /// It did not answer, or is behind.
    /// - Parameter isWell: it answered, and has only not come so far as it was asked for: it is in a moment.
    package mutating func failed(_ index: Int, nowMs: Int64, retryAfterMs: Int64?, isWell: Bool = false) {
        let doubled = Self.closedFirstMs << Int64(isWell ? 0 : min(health[index].failures, 16))
        let closedMs = max(min(doubled, Self.closedMostMs), min(retryAfterMs ?? 0, Self.retryAfterMostMs))
        health[index].failures = isWell ? 0 : health[index].failures + 1
        health[index].closedUntilMs = max(health[index].closedUntilMs, nowMs + closedMs)
    }

    private mutating func refill(_ index: Int, nowMs: Int64) {
        let endpoint = endpoints[index]
        // A clock that was set back gives nothing; a long pause is as good as a minute, so that nothing overflows.
        let elapsedMs = min(max(nowMs - (health[index].countedAtMs ?? nowMs), 0), 60_000)
        let filled = health[index].milliTokens + elapsedMs * endpoint.requestsPerSecond
        health[index].milliTokens = min(filled, endpoint.burst * 1000)
        health[index].countedAtMs = nowMs
    }

    private func wait(_ index: Int, nowMs: Int64) -> Int64 {
        let missing = max(0, 1000 - health[index].milliTokens)
        let perMs = endpoints[index].requestsPerSecond
        let tokenMs = (missing + perMs - 1) / perMs
        // No closing lasts longer than its limit: the clock was set back.
        let closedMs = min(max(0, health[index].closedUntilMs - nowMs), Self.retryAfterMostMs)
        return max(tokenMs, closedMs)
    }
}
