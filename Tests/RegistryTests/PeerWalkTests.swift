import Registry
import Testing

/// Reading a log page by page, and what waits to be passed on: no network.
@Suite struct PeerWalkTests {
    private func page(_ tokens: [String], next: String?) -> PeerPage.Answer {
        .page(PeerPage(tokens: tokens, next: next))
    }

    @Test("pages are taken in turn, and only cursors that the peer gave are kept")
    func pages() {
        var walk = PeerWalk(after: nil)
        #expect(walk.received(page(["a", "b"], next: "1")) == .take(["a", "b"], keep: PeerWalk.Place(after: "1")))
        #expect(walk.after == "1")
        #expect(walk.received(page(["c"], next: nil)) == .takeLast(["c"], keep: nil))
    }

    @Test("an unknown cursor starts the walk over, once")
    func unknownCursor() {
        var walk = PeerWalk(after: "gone")
        #expect(walk.received(.cursorUnknown) == .restart)
        #expect(walk.after == nil)
        #expect(walk.received(.cursorUnknown) == .fail("the peer refuses its own cursor"))
        var fresh = PeerWalk(after: "gone")
        _ = fresh.received(.cursorUnknown)
        // The place is kept only now that a page has come.
        #expect(fresh.received(page(["a"], next: nil)) == .takeLast(["a"], keep: PeerWalk.Place(after: nil)))
        var start = PeerWalk(after: nil)
        #expect(start.received(.cursorUnknown) == .fail("the peer refuses its own cursor"))
    }

    @Test("a cursor that does not move, a page of nothing, and a log without end all end the walk")
    func endless() {
        var still = PeerWalk(after: "1")
        #expect(still.received(page(["a"], next: "1")) == .takeLast(["a"], keep: nil))
        var empty = PeerWalk(after: nil)
        #expect(empty.received(page([], next: "1")) == .takeLast([], keep: nil))
        var long = PeerWalk(after: nil, operationsMax: 3)
        #expect(long.received(page(["a", "b"], next: "1")) == .take(["a", "b"], keep: PeerWalk.Place(after: "1")))
        #expect(long.received(page(["c"], next: "2")) == .takeLast(["c"], keep: PeerWalk.Place(after: "2")))
    }

    @Test("answers of peers: today's pages, those of before 0.27, and what is none")
    func answers() {
        func read(_ status: Int, _ body: String) -> PeerPage.Answer {
            PeerPage.read(RelayPeerAnswer(status: status, body: Array(body.utf8)))
        }
        #expect(read(200, #"{"entries":[{"jwsToken":"a"}],"next":"x"}"#) == page(["a"], next: "x"))
        #expect(read(200, #"{"entries":[{"jwsToken":"a"}],"cursor":"x"}"#) == page(["a"], next: "x"))
        #expect(read(200, #"{"entries":[],"next":null}"#) == page([], next: nil))
        #expect(read(400, "") == .cursorUnknown)
        #expect(read(404, "") == .unknown)
        #expect(read(501, "") == .unknown)
        #expect(read(503, "") == .failed("status 503"))
        #expect(read(200, "{") == .failed("the answer is no JSON"))
        #expect(read(200, "{}") == .failed("no entries"))
        #expect(read(200, #"{"entries":[{"cid":"a"}]}"#) == .failed("an entry without a token"))
    }

    @Test("a queue for a peer hands out what fits a request, drops the oldest past its bound, and ends when closed")
    func queue() async {
        let queue = GossipQueue(bound: 150)
        #expect(queue.add((0..<120).map(String.init)) == 0)
        #expect(queue.add((120..<160).map(String.init)) == 10)
        #expect(await queue.next() == (10..<110).map(String.init))
        #expect(await queue.next() == (110..<160).map(String.init))
        let waiting = Task { await queue.next() }
        _ = queue.add(["late"])
        #expect(await waiting.value == ["late"])
        let last = Task { await queue.next() }
        queue.close()
        #expect(await last.value == nil)
        // Tokens of a megabyte: fewer than a hundred fit the protocol's bound for a body.
        let large = GossipQueue(bound: 100)
        _ = large.add(Array(repeating: String(repeating: "a", count: 1 << 20), count: 20))
        #expect(await large.next()?.count == 8)
    }

    @Test("what no peer had is not asked for again for a while, and few are asked for at a time")
    func misses() {
        let memory = MissMemory()
        #expect(memory.begin("a", nowMs: 0))
        #expect(!memory.begin("a", nowMs: 0))
        memory.end("a", wasFound: false, nowMs: 0)
        #expect(!memory.begin("a", nowMs: RelayLimits.missMilliseconds - 1))
        #expect(memory.begin("a", nowMs: RelayLimits.missMilliseconds))
        memory.end("a", wasFound: true, nowMs: 0)
        for key in 0..<RelayLimits.readThroughs { #expect(memory.begin("b\(key)", nowMs: 0)) }
        #expect(!memory.begin("a", nowMs: 0))
    }
}
