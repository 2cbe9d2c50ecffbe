import Logging

/// Reading the peers' logs.
extension Relay {
    /// Reads every peer's log from where it was left, those whose turn it is. Failures are logged, and end that peer's
    /// turn only.
    public func syncPeers() async {
        await withTaskGroup { group in
            for line in peers.lines where line.peer.syncs { group.addTask { await self.sync(line.peer.endpoint) } }
        }
    }

    private func sync(_ endpoint: String) async {
        do {
            let nowMs = clock()
            // Of several processes of one relay, one reads a peer's log at a time.
            guard let turn = try await store.claimPeer(endpoint, nowMs: nowMs) else { return }
            try await walk(PeerWalk(after: turn.after), endpoint, source: endpoint) { after in
                PeerURL.log(endpoint, after: after)
            } keep: { place in
                try await self.store.keepPlace(of: endpoint, after: place.after)
            }
        } catch {
            metrics.peer("sync_failed")
            logger.info(
                "a peer's log could not be read",
                metadata: ["peer": .string(endpoint), "error": .string("\(error)")])
        }
    }

    /// Walks a log and takes what it has.
    /// - Returns: the DIDs and CIDs that what was taken still waits for.
    @discardableResult
    func walk(
        _ start: PeerWalk, _ endpoint: String, source: String, deadlineMs: Int64? = nil,
        url: (String?) -> String, keep: (PeerWalk.Place) async throws -> Void
    ) async throws -> Set<String> {
        guard let client = peers.client else { return [] }
        var walk = start
        var missing: Set<String> = []
        while true {
            guard deadlineMs.map({ clock() < $0 }) ?? true else { throw PeerFailure("it takes too long") }
            let answer = try await client.fetch(
                url(walk.after), bytesMax: RelayLimits.peerAnswer,
                timeoutMilliseconds: RelayLimits.peerMilliseconds)
            metrics.peer("sync_pages")
            let move = walk.received(PeerPage.read(answer))
            switch move {
            case .take(let tokens, let place), .takeLast(let tokens, let place):
                missing.formUnion(try await takeAll(tokens, except: source))
                // Kept only now: what a place passes over has been taken.
                if let place { try await keep(place) }
                if case .takeLast = move { return missing }
            case .restart: break
            case .fail(let why): throw PeerFailure(why)
            }
        }
    }

    /// Takes operations of a peer's log, as many at a time as a client may send.
    private func takeAll(_ tokens: [String], except source: String) async throws -> Set<String> {
        var missing: Set<String> = []
        var rest = tokens[...]
        while !rest.isEmpty {
            let outcome = try await take(Array(rest.prefix(RelayLimits.operationsPerRequest)), from: .peer)
            rest = rest.dropFirst(RelayLimits.operationsPerRequest)
            peers.gossip(outcome.newTokens, except: source)
            for result in outcome.results { if let dependency = result.dependency { missing.insert(dependency) } }
        }
        return missing
    }
}
