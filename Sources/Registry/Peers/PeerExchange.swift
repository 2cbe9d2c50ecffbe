import Logging

/// Passing on what is new: a queue and a sender for each peer, so that a slow one holds up nobody.
final class PeerExchange: Sendable {
    /// A peer with what waits for it.
    struct Line: Sendable {
        let peer: PeerSettings
        let queue: GossipQueue
    }

    let client: (any RelayPeer)?
    let lines: [Line]
    private let metrics: RelayMetrics
    private let logger: Logger

    init(peers: [PeerSettings], client: (any RelayPeer)?, metrics: RelayMetrics, logger: Logger) {
        self.client = client
        lines = client == nil ? [] : peers.map { Line(peer: $0, queue: GossipQueue()) }
        self.metrics = metrics
        self.logger = logger
    }

    /// Passes on what is new, but not to the peer that it came from. Returns at once.
    func gossip(_ tokens: [String], except source: String? = nil) {
        guard !tokens.isEmpty else { return }
        for line in lines where line.peer.gossips && line.peer.endpoint != source {
            metrics.peer("gossip_dropped", by: line.queue.add(tokens))
        }
    }

    /// Sends what waits, until it is closed.
    func run() async {
        await withTaskGroup { group in
            for line in lines where line.peer.gossips { group.addTask { await self.send(line) } }
        }
    }

    func close() {
        for line in lines { line.queue.close() }
    }

    /// What a peer does not take is not sent again: it reads the log.
    private func send(_ line: Line) async {
        while let tokens = await line.queue.next(), let client {
            do {
                let answer = try await client.post(
                    PeerURL.operations(line.peer.endpoint), json: GossipQueue.body(tokens),
                    timeoutMilliseconds: RelayLimits.peerMilliseconds)
                guard answer.status == 200 else { throw PeerFailure("status \(answer.status)") }
                metrics.peer("gossip_sent", by: tokens.count)
            } catch {
                metrics.peer("gossip_failed", by: tokens.count)
                logger.info(
                    "a peer did not take operations",
                    metadata: ["peer": .string(line.peer.endpoint), "error": .string("\(error)")])
            }
        }
    }
}

/// Why a peer was of no use.
struct PeerFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
