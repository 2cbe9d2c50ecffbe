import Cryptography
import HTTPClient
import ProofChain
import Registry
import Synchronization
import Testing

/// A peer that answers what a test says, and remembers what it was asked.
private final class PeerDouble: RelayPeer {
    private let state = Mutex<(asked: [String], posts: [[UInt8]])>(([], []))
    private let answer: @Sendable (String) throws -> RelayPeerAnswer

    init(_ answer: @escaping @Sendable (String) throws -> RelayPeerAnswer) { self.answer = answer }

    var asked: [String] { state.withLock { $0.asked } }

    func fetch(_ url: String, bytesMax: Int, timeoutMilliseconds: Int64) async throws -> RelayPeerAnswer {
        state.withLock { $0.asked.append(url) }
        return try answer(url)
    }

    func post(_ url: String, json: [UInt8], timeoutMilliseconds: Int64) async throws -> RelayPeerAnswer {
        state.withLock { $0.posts.append(json) }
        return RelayPeerAnswer(status: 200, body: [])
    }
}

private func peer(_ endpoint: String, _ change: (inout PeerSettings) -> Void = { _ in }) -> PeerSettings {
    var settings = PeerSettings(endpoint: endpoint)
    change(&settings)
    return settings
}

/// A page of a log as relays serve it.
private func page(_ operations: [SignedOperation], next: String?) -> RelayPeerAnswer {
    var out = JSONWriter()
    out.beginObject()
    out.key("entries")
    out.beginArray()
    for operation in operations {
        out.beginObject()
        out.field("cid", operation.cid.string)
        out.field("jwsToken", operation.token)
        out.endObject()
    }
    out.endArray()
    if let next { out.field("next", next) }
    out.endObject()
    return RelayPeerAnswer(status: 200, body: out.bytes)
}

/// Waits until something holds, ten seconds at most.
private func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<200 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(50))
    }
    return false
}

private func expect(_ follower: TestRelay, holds source: TestRelay) async throws {
    let (held, all) = (try await wholeLog(follower.base), try await wholeLog(source.base))
    #expect(Set(held).isSuperset(of: all))
}

/// Relays among each other: passing on, catching up, asking.
@Suite struct PeerTests {
    @Test("what is new is passed on to the peer, once")
    func gossip() async throws {
        try await withRelay(try await TestRelay.database()) { second in
            let author = try Author()
            try await withRelay(try await TestRelay.database()) { setup in
                setup.settings.peers = [peer(second.base) { $0.syncs = false }]
                setup.isWorking = true
            } _: { first in
                _ = try await post([author.genesis.token], to: first.base)
                _ = try await post([author.genesis.token, try author.content().token], to: first.base)
                #expect(try await eventually { try await wholeLog(second.base).count == 4 })
                #expect(try await get(second.base + "/proof/v1/identities/\(author.did)").status == 200)
            }
        }
    }

    @Test("a relay that starts again catches up with its peer from where it was")
    func sync() async throws {
        let database = try await TestRelay.database()
        let key = Ed25519PrivateKey()
        let clock = TestClock()
        let author = try Author()
        try await withRelay(try await TestRelay.database()) { source in
            let setup: (inout TestRelay.Setup) -> Void = { setup in
                setup.key = key
                setup.clock = clock
                setup.settings.peers = [peer(source.base) { $0.gossips = false }]
            }
            // The content comes before its creator's identity is known anywhere else.
            _ = try await post([author.genesis.token, try author.content().token], to: source.base)
            try await withRelay(database, setup) { follower in
                await follower.relay.syncPeers()
                try await expect(follower, holds: source)
            }
            _ = try await post([try author.artifact("later").token], to: source.base)
            try await withRelay(database, setup) { follower in
                // Another process has just read that log: it is not this one's turn.
                await follower.relay.syncPeers()
                clock.advance(seconds: 31)
                await follower.relay.syncPeers()
                try await expect(follower, holds: source)
            }
        }
    }

    @Test("a log with rotated keys is taken from a peer, and would not be from a client")
    func historicalKeys() async throws {
        let author = try Author()
        let next = Multikey(Ed25519PrivateKey().publicKey)
        let artifact = try author.artifact("signed before the key was replaced")
        let rotation = try author.signer.updateIdentity(
            previous: author.genesis.cid, keys: KeySet(all: next),
            createdAt: try Timestamp("2026-03-07T00:09:00.000Z"))
        try await withRelay(try await TestRelay.database()) { source in
            for operation in [author.genesis, artifact, rotation] {
                _ = try await post([operation.token], to: source.base)
            }
            try await withRelay(try await TestRelay.database()) { setup in
                setup.settings.peers = [peer(source.base)]
            } _: { follower in
                await follower.relay.syncPeers()
                let log = try await wholeLog(follower.base)
                #expect(log.contains(artifact.cid.string))
            }
            try await withRelay(try await TestRelay.database()) { client in
                let tokens = [author.genesis, rotation, artifact].map(\.token)
                let answer = try await post(tokens, to: client.base)
                #expect(statuses(answer) == ["new", "new", "rejected"])
            }
        }
    }

    @Test("a chain that is not here is asked of the peer, and served; what nobody has is asked for once")
    func readThrough() async throws {
        let author = try Author()
        let content = try author.content()
        let chain = ChainIdentifier(genesis: content.cid).string
        try await withRelay(try await TestRelay.database()) { source in
            _ = try await post([author.genesis.token, content.token], to: source.base)
            try await withRelay(try await TestRelay.database()) { setup in
                setup.settings.peers = [
                    peer(source.base) {
                        $0.syncs = false; $0.gossips = false
                    }
                ]
            } _: { reader in
                // The content first: its creator comes with it.
                let answer = try await get(reader.base + "/proof/v1/content/\(chain)")
                #expect(answer.status == 200)
                #expect(answer.json["headCID"]?.string == content.cid.string)
                #expect(try await get(reader.base + "/1.0/identifiers/\(author.did)").status == 200)
                #expect(try await get(reader.base + "/proof/v1/content/\(chain)/log").status == 200)
            }
        }
        let double = PeerDouble { _ in RelayPeerAnswer(status: 404, body: Array(#"{"error":"not found"}"#.utf8)) }
        try await withRelay(try await TestRelay.database()) { setup in
            setup.peer = double
            setup.settings.peers = [peer("http://peer.example")]
        } _: { reader in
            for _ in 0..<3 {
                let answer = try await get(reader.base + "/proof/v1/identities/\(author.did)")
                #expect(answer.status == 404)
            }
            #expect(double.asked.count == 1)
        }
    }

    @Test("a peer that lost its log is read from its start again, and nothing is taken twice")
    func cursorLost() async throws {
        let authors = try (0..<3).map { _ in try Author() }
        let lost = Atomic(false)
        let first = authors[0].genesis.cid.string
        let double = PeerDouble { url in
            if url.contains("after=\(first)") {
                if lost.load(ordering: .relaxed) {
                    return RelayPeerAnswer(status: 400, body: Array(#"{"error":"unknown cursor"}"#.utf8))
                }
                return page([authors[1].genesis], next: nil)
            }
            return page([authors[lost.load(ordering: .relaxed) ? 2 : 0].genesis], next: first)
        }
        let clock = TestClock()
        try await withRelay(try await TestRelay.database()) { setup in
            setup.clock = clock
            setup.peer = double
            setup.settings.peers = [peer("http://peer.example/relay")]
        } _: { relay in
            await relay.relay.syncPeers()
            var log = try await wholeLog(relay.base)
            #expect(log.suffix(2) == authors.prefix(2).map(\.genesis.cid.string))
            lost.store(true, ordering: .relaxed)
            clock.advance(seconds: 31)
            await relay.relay.syncPeers()
            log = try await wholeLog(relay.base)
            #expect(log.count == 5)
            #expect(double.asked.allSatisfy { $0.hasPrefix("http://peer.example/relay/proof/v1/log?limit=1000") })
        }
    }

    @Test("a peer that does not answer, or answers nonsense, costs a look and nothing else")
    func nonsense() async throws {
        let clock = TestClock()
        let bodies = ["", "[]", #"{"entries":[{}]}"#, #"{"entries":7}"#, #"{"entries":["not a token"],"next":null}"#]
        for body in bodies {
            let double = PeerDouble { _ in RelayPeerAnswer(status: 200, body: Array(body.utf8)) }
            try await withRelay(try await TestRelay.database()) { setup in
                setup.clock = clock
                setup.peer = double
                setup.settings.peers = [peer("http://peer.example")]
            } _: { relay in
                await relay.relay.syncPeers()
                #expect(double.asked.count == 1)
                let log = try await wholeLog(relay.base)
                #expect(log.count == 2)
            }
        }
    }
}
