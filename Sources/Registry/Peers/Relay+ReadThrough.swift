import Logging
import ProofChain

/// Asking peers for chains that are not here.
extension Relay {
    /// Asks the peers for an identity's log.
    /// - Returns: whether anything was taken; the chain may be here now.
    func readThrough(identity did: String) async -> Bool {
        await readThrough(did) { endpoint, deadline in
            try await self.walk(PeerWalk(after: nil), endpoint, source: endpoint, deadlineMs: deadline) { after in
                PeerURL.identityLog(endpoint, did, after: after)
            } keep: { _ in
            }
        }
    }

    /// Asks the peers for a content chain's log, and for the identities that it needs and that are not here.
    func readThrough(content contentID: String) async -> Bool {
        await readThrough(contentID) { endpoint, deadline in
            let missing = try await self.walk(
                PeerWalk(after: nil), endpoint, source: endpoint, deadlineMs: deadline
            ) { after in
                PeerURL.contentLog(endpoint, contentID, after: after)
            } keep: { _ in
            }
            for did in missing.sorted().prefix(Self.identitiesPerContent) where (try? DFOSDID(did)) != nil {
                try await self.walk(PeerWalk(after: nil), endpoint, source: endpoint, deadlineMs: deadline) { after in
                    PeerURL.identityLog(endpoint, did, after: after)
                } keep: { _ in
                }
            }
        }
    }

    /// Identities fetched for one content chain: its creator and the issuers of one chain of delegations.
    private static let identitiesPerContent = ProofLimits.delegationDepth + 1

    /// One after another, until one has it. Bounded in number and time; what nobody had a moment ago is not asked for
    /// again.
    private func readThrough(_ key: String, _ ask: (String, Int64) async throws -> Void) async -> Bool {
        let readable = peers.lines.map(\.peer).filter(\.readsThrough)
        guard !readable.isEmpty, misses.begin(key, nowMs: clock()) else { return false }
        metrics.peer("read_through")
        let deadline = clock() + RelayLimits.peerMilliseconds
        var wasFound = false
        for peer in readable where !wasFound && clock() < deadline {
            do {
                try await ask(peer.endpoint, deadline)
                wasFound = true
            } catch {
                logger.debug(
                    "a peer could not be read through",
                    metadata: ["peer": .string(peer.endpoint), "error": .string("\(error)")])
            }
        }
        misses.end(key, wasFound: wasFound, nowMs: clock())
        if wasFound { metrics.peer("read_through_hit") }
        return wasFound
    }
}
