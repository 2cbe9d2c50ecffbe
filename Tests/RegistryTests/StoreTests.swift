import Cryptography
import PostgresClient
import PostgresFixture
import ProofChain
import Registry
import Testing

/// What stays, and what happens when several write at once.
@Suite struct StoreTests {
    @Test("a relay that starts again on its database serves the same, and knows what it has")
    func restart() async throws {
        let database = try await TestRelay.database()
        let key = Ed25519PrivateKey()
        let author = try Author()
        let content = try author.content()
        let update = try author.content(after: content, "second")
        let early = try author.content(after: update, "third", at: "2026-03-07T00:03:00.000Z")
        let paths = [
            "/proof/v1/log", "/proof/v1/identities/\(author.did)",
            "/proof/v1/content/\(ChainIdentifier(genesis: content.cid).string)", "/index/v0/content",
        ]
        var before: [String] = []
        try await withRelay(database) {
            $0.key = key
        } _: { relay in
            #expect(
                statuses(try await post([early, author.genesis, content].map(\.token), to: relay.base)) == [
                    "rejected?", "new", "new",
                ])
            for path in paths { before.append(try await get(relay.base + path).text) }
            before.append(relay.did)
        }
        try await withRelay(database) {
            $0.key = key
        } _: { relay in
            var after: [String] = []
            for path in paths { after.append(try await get(relay.base + path).text) }
            #expect(after + [relay.did] == before)
            #expect(statuses(try await post([author.genesis.token], to: relay.base)) == ["duplicate"])
            // What waited before waits still, and is taken by the operation that it waits for.
            #expect(statuses(try await post([update.token], to: relay.base)) == ["new"])
            #expect(try await wholeLog(relay.base).suffix(2) == [update.cid.string, early.cid.string])
        }
    }

    @Test("of extensions of one identity sent at once to two relays on one database exactly one is taken")
    func race() async throws {
        let database = try await TestRelay.database()
        let key = Ed25519PrivateKey()
        try await withRelay(database) {
            $0.key = key
        } _: { first in
            try await withRelay(database) {
                $0.key = key
            } _: { second in
                #expect(first.did == second.did)
                for _ in 0..<8 {
                    let author = try Author()
                    _ = try await post([author.genesis.token], to: first.base)
                    let rivals = try (0..<6).map { number in
                        let next = Multikey(Ed25519PrivateKey().publicKey)
                        return try author.signer.updateIdentity(
                            previous: author.genesis.cid, keys: KeySet(all: next),
                            createdAt: try Timestamp("2026-03-07T00:0\(number + 1):00.000Z")
                        ).token
                    }
                    let taken = try await withThrowingTaskGroup(of: [String].self) { group in
                        for (index, rival) in rivals.enumerated() {
                            let base = index.isMultiple(of: 2) ? first.base : second.base
                            group.addTask { statuses(try await post([rival], to: base)) }
                        }
                        return try await group.reduce(into: []) { $0 += $1 }
                    }
                    #expect(taken.filter { $0 == "new" }.count == 1, "\(taken)")
                    #expect(taken.filter { $0 == "rejected" }.count == rivals.count - 1)
                    #expect(try await wholeLog(first.base, "/proof/v1/identities/\(author.did)/log").count == 2)
                }
                try await expectGapFree(database)
            }
        }
    }

    @Test("one operation sent many times at once is new once")
    func sameAtOnce() async throws {
        let database = try await TestRelay.database()
        try await withRelay(database) { relay in
            let author = try Author()
            let taken = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<12 {
                    group.addTask { statuses(try await post([author.genesis.token], to: relay.base)) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(taken.sorted() == Array(repeating: "duplicate", count: 11) + ["new"])
            try await expectGapFree(database)
        }
    }

    @Test("readers of the global log who follow its cursor while it grows miss nothing and see nothing twice")
    func followers() async throws {
        try await withRelay(try await TestRelay.database()) { relay in
            let authors = try (0..<40).map { _ in try Author() }
            let base = relay.base
            try await withThrowingTaskGroup(of: Void.self) { group in
                for author in authors {
                    group.addTask { _ = try await post([author.genesis.token], to: base) }
                }
                group.addTask {
                    var seen: [String] = []
                    var after = ""
                    while seen.count < authors.count + 2 {
                        let answer = try await get("\(base)/proof/v1/log?limit=1&after=\(after)")
                        let page = cids(answer)
                        seen += page
                        if let last = page.last { after = last }
                    }
                    #expect(Set(seen).count == seen.count)
                    let log = try await wholeLog(base, page: 7)
                    #expect(seen == log)
                }
                try await group.waitForAll()
            }
        }
    }

    private func expectGapFree(_ database: String) async throws {
        let counts = try await DedicatedThread.run(name: "count") { () throws -> [Int64] in
            let connection = try PostgresFixture.connect(database)
            defer { connection.close() }
            let row = try connection.query(Self.positions).one()
            return [try row.int8(0), try row.int8(1), try row.int8(2)]
        }
        #expect(counts[0] == counts[1] && counts[1] == counts[2], "\(counts)")
    }

    private static let positions = Statement(
        "test_positions",
        """
        SELECT count(*), max(position), (SELECT head_position FROM registry.relay WHERE id = 1)
        FROM registry.operations
        """)
}
