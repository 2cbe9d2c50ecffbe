import ProofChain
import Registry
import Testing

/// Reading and writing of small things.
@Suite struct WireTests {
    @Test("limits of pages: nonsense is the default, too much is the maximum")
    func limits() {
        let cases: [(String?, Int)] = [
            (nil, 100), ("", 100), ("0", 100), ("-1", 100), ("1", 1), ("007", 7), ("1000", 1000), ("1001", 1000),
            ("99999999999999999999", 1000), ("1e2", 100), (" 5", 100), ("5 ", 100), ("+5", 100), ("٥", 100),
        ]
        for (text, limit) in cases {
            #expect(PageRequest(after: nil, limit: text).limit == limit, "\(text ?? "nil")")
        }
        #expect(PageRequest(after: "", limit: nil).after == nil)
        #expect(PageRequest(after: "a", limit: nil).after == "a")
    }

    @Test("cursors of ordered lists read what they write, and nothing else")
    func cursors() {
        let cursor = OrderedCursor(rank: "2026-03-07T00:00:00.000Z", key: "did:dfos:x")
        #expect(OrderedCursor(cursor.text) == cursor)
        for text in ["", "a", "did:dfos:x", cursor.text + "=", cursor.text + "A", "Cg", "YQo", "CmE"] {
            #expect(OrderedCursor(text) == nil, "\(text)")
        }
    }

    @Test("every text can be stored")
    func storedText() {
        for text in ["", "a", "\u{0}", "\u{1}", "\u{1}0", "a\u{0}b\u{1}1c", "\u{0}\u{0}\u{1}\u{1}"] {
            let stored = StoredText.encode(text)
            #expect(!stored.utf8.contains(0))
            #expect(Array(StoredText.decode(stored).utf8) == Array(text.utf8))
        }
        #expect(StoredText.encode("\u{0}") != StoredText.encode("\u{1}0"))
    }

    @Test("whose allowance a write is taken from")
    func addresses() {
        func of(_ socket: String, _ forwarded: String?, _ proxies: Set<String> = ["10.0.0.1", "10.0.0.2"]) -> String {
            ClientAddress.of(socket: socket, forwarded: forwarded, trusting: proxies)
        }
        #expect(of("192.0.2.1", "198.51.100.1") == "192.0.2.1")
        #expect(of("10.0.0.1", nil) == "10.0.0.1")
        #expect(of("10.0.0.1", "198.51.100.1") == "198.51.100.1")
        // What a client wrote itself stands before what the proxies added.
        #expect(of("10.0.0.1", "203.0.113.9, 198.51.100.1") == "198.51.100.1")
        #expect(of("10.0.0.1", "203.0.113.9,198.51.100.1, 10.0.0.2") == "198.51.100.1")
        #expect(of("10.0.0.1", "10.0.0.2") == "10.0.0.1")
        #expect(of("10.0.0.1", "") == "10.0.0.1")
    }

    @Test("a batch is decided in the order of what depends on what")
    func order() throws {
        let author = try Author()
        let content = try author.content()
        let update = try author.content(after: content, "second")
        let witness = try author.signer.countersign(
            target: update.cid, createdAt: try Timestamp("2026-03-07T00:03:00.000Z"))
        let tokens = [witness, update, content, try author.artifact("a"), author.genesis].map(\.token) + ["nonsense"]
        let submissions = tokens.map { Submission($0, from: .client) }
        #expect(DependencySort.order(submissions) == [4, 3, 2, 1, 0, 5])
        #expect(DependencySort.order(Array(submissions.reversed())) == [1, 2, 3, 4, 5, 0])
        #expect(DependencySort.order([]).isEmpty)
    }

    @Test("names of capabilities")
    func capabilities() {
        #expect(RelayCapabilities(off: []) == RelayCapabilities())
        #expect(RelayCapabilities(off: ["nonsense"]) == nil)
        for name in RelayCapabilities.names { #expect(RelayCapabilities(off: [name]) != RelayCapabilities()) }
    }
}
