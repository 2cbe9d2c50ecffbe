import Cryptography
import ProofChain
import Registry
import Testing

/// The relay's own identity.
@Suite struct IdentityTests {
    @Test("a new relay makes its identity and profile, and both stand in its log")
    func bootstrap() async throws {
        try await withRelay(try await TestRelay.database()) { setup in
            setup.settings.name = "A relay"
        } _: { relay in
            let document = try await get(relay.base + "/.well-known/dfos-relay").json
            #expect(document["did"]?.string == relay.did)
            let profile = try SignedOperation(token: try #require(document["profile"]?.string))
            #expect(profile.payload.root["content"]?["name"]?.string == "A relay")
            let log = try await wholeLog(relay.base)
            #expect(log.count == 2)
            #expect(log[1] == profile.cid.string)
            #expect(DFOSDID(genesis: try CID(log[0])).string == relay.did)
        }
    }

    @Test("another name is another profile, the same name is none")
    func renamed() async throws {
        let database = try await TestRelay.database()
        let key = Ed25519PrivateKey()
        for (name, count) in [("One", 2), ("One", 2), ("Two", 3), ("Two", 3)] {
            try await withRelay(database) { setup in
                setup.key = key
                setup.settings.name = name
            } _: { relay in
                #expect(try await wholeLog(relay.base).count == count, "\(name)")
                let document = try await get(relay.base + "/.well-known/dfos-relay").json
                let profile = try SignedOperation(token: try #require(document["profile"]?.string))
                #expect(profile.payload.root["content"]?["name"]?.string == name)
            }
        }
    }

    @Test("another key than the relay was made with is refused, and nothing is written")
    func otherKey() async throws {
        let database = try await TestRelay.database()
        let key = Ed25519PrivateKey()
        try await withRelay(database) {
            $0.key = key
        } _: { _ in
        }
        await #expect(throws: RelayIdentity.SetupError.self) { try await withRelay(database) { _ in } }
        try await withRelay(database) {
            $0.key = key
        } _: { relay in
            let log = try await wholeLog(relay.base)
            #expect(log.count == 2)
        }
    }

    @Test("relays that start at one time on an empty database are one relay")
    func atOnce() async throws {
        let database = try await TestRelay.database()
        let key = Ed25519PrivateKey()
        let dids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await withRelay(database) {
                        $0.key = key
                    } _: {
                        $0.did
                    }
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(dids.count == 1)
        try await withRelay(database) {
            $0.key = key
        } _: { relay in
            let log = try await wholeLog(relay.base)
            #expect(log.count == 2)
        }
    }
}
