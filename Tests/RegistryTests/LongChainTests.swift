import Cryptography
import PostgresClient
import PostgresFixture
import ProofChain
import Registry
import Testing

/// Chains with many operations and many keys.
@Suite struct LongChainTests {
    /// A chain of which every operation replaces the one key in all roles.
    private struct Rotating {
        private(set) var log: [SignedOperation]
        private(set) var keys: [Ed25519PrivateKey]
        private(set) var state: IdentityState

        private static let beganMs = Int64(1_772_841_600_000)

        init() throws {
            let key = Ed25519PrivateKey()
            let entry = Multikey(key.publicKey)
            let genesis = try OperationSigner.createIdentity(
                keys: KeySet(all: entry), createdAt: try Timestamp(millisecondsSinceEpoch: Self.beganMs),
                keyID: entry.id, privateKey: key)
            (log, keys, state) = ([genesis], [key], try IdentityState(genesis: genesis))
        }

        func signer(_ number: Int) -> OperationSigner {
            OperationSigner(
                did: state.did, keyID: KeyID(conventionalFor: keys[number].publicKey), privateKey: keys[number])
        }

        func update(to keySet: KeySet) throws -> SignedOperation {
            try signer(keys.count - 1).updateIdentity(
                previous: state.headCID, keys: keySet,
                createdAt: try Timestamp(millisecondsSinceEpoch: Self.beganMs + Int64(log.count)))
        }

        @discardableResult
        mutating func rotate() throws -> SignedOperation {
            let key = Ed25519PrivateKey()
            let operation = try update(to: KeySet(all: Multikey(key.publicKey)))
            try state.extend(by: operation)
            log.append(operation)
            keys.append(key)
            return operation
        }

        /// A statement for which any key that the chain ever listed is good.
        func revocation(by number: Int) throws -> SignedOperation {
            try signer(number).revocation(
                credential: CID(codec: .dagCBOR, hashing: Array("credential \(number)".utf8)),
                createdAt: try Timestamp(millisecondsSinceEpoch: Self.beganMs + 50_000))
        }
    }

    private static let length = 10_000

    @Test("the ten thousandth rotation of a chain costs a relay what the first ones cost, and old keys are known")
    func linear() async throws {
        var chain = try Rotating()
        while chain.log.count < Self.length { try chain.rotate() }
        try await withRelay(try await TestRelay.database()) { relay in
            /// What an operation brought by itself takes, in microseconds: of some, the fourth part was faster.
            func oneByOne(_ operations: ArraySlice<SignedOperation>) async throws -> Int64 {
                var times: [Int64] = []
                for operation in operations {
                    let began = ContinuousClock.now
                    let answer = try await post([operation.token], to: relay.base)
                    times.append(Int64((ContinuousClock.now - began) / .microseconds(1)))
                    #expect(statuses(answer) == ["new"], "\(answer.text)")
                }
                times.sort()
                return times[times.count / 4]
            }
            let early = try await oneByOne(chain.log[..<40])
            for start in stride(from: 40, to: Self.length - 40, by: 80) {
                let batch = chain.log[start..<(start + 80)]
                let answer = try await post(batch.map(\.token), to: relay.base)
                #expect(statuses(answer).count { $0 == "new" } == batch.count)
            }
            let late = try await oneByOne(chain.log[(Self.length - 40)...])
            print("one operation brought to a relay: \(early) µs at the chain's beginning, \(late) µs at its end")
            #expect(late < 3 * early)
            let whole = ContinuousClock().measure { _ = try? IdentityState(encoded: chain.state.encoded()) }
            print("writing and reading the whole history once: \(Int64(whole / .microseconds(1))) µs")

            // What a name means stays for ever, and so does what a key of long ago signed.
            let old = Multikey(id: KeyID(conventionalFor: chain.keys[7].publicKey), publicKeyMultibase: "zOther")
            let changed = try chain.update(
                to: KeySet(auth: [old], assert: [], controller: chain.state.keys.controller))
            let refused = try await post([changed.token], to: relay.base)
            #expect(statuses(refused) == ["rejected"] && refused.text.contains(old.id.string), "\(refused.text)")
            let same = Multikey(chain.keys[7].publicKey)
            let again = try chain.update(
                to: KeySet(auth: [same], assert: [], controller: chain.state.keys.controller))
            #expect(statuses(try await post([again.token], to: relay.base)) == ["new"], "a retired key comes back")
            for number in [0, 7, 5_000, Self.length - 1] {
                let answer = try await post([try chain.revocation(by: number).token], to: relay.base)
                #expect(statuses(answer) == ["new"], "\(number): \(answer.text)")
            }
            let artifact = try chain.signer(5_000).artifact(
                content: Array(#"{"$schema":"https://example.org/note/v1"}"#.utf8),
                createdAt: try Timestamp(millisecondsSinceEpoch: 1_772_841_660_000))
            #expect(statuses(try await post([artifact.token], to: relay.base)) != ["new"], "and signs nothing new")
        }
    }

    @Test("a chain that was stored with its whole history goes on, and its history is kept key by key from then on")
    func storedWhole() async throws {
        var chain = try Rotating()
        for _ in 0..<20 { try chain.rotate() }
        let database = try await TestRelay.database()
        try await withRelay(database) { relay in
            let first = try await post(chain.log.map(\.token), to: relay.base)
            #expect(statuses(first).allSatisfy { $0 == "new" })
            let connection = try PostgresFixture.connect(database)
            defer { connection.close() }
            try connection.query("DELETE FROM registry.identity_keys", [])
            try connection.query(
                "UPDATE registry.identities SET encoded = $1 WHERE did = $2",
                [.bytea(chain.state.encoded()), .text(chain.state.did.string)])
            #expect(statuses(try await post([try chain.revocation(by: 3).token], to: relay.base)) == ["new"])
            let next = try chain.rotate()
            #expect(statuses(try await post([next.token], to: relay.base)) == ["new"])
            let kept = try connection.query(
                "SELECT count(*) FROM registry.identity_keys WHERE did = $1", [.text(chain.state.did.string)]
            ).one().int8(0)
            #expect(kept == 22)
            let head = try connection.query(
                "SELECT encoded FROM registry.identities WHERE did = $1", [.text(chain.state.did.string)]
            ).one().bytea(0)
            #expect(try IdentityState(encoded: head) == chain.state.head)
            #expect(statuses(try await post([try chain.revocation(by: 4).token], to: relay.base)) == ["new"])
        }
    }
}
