import Cryptography
import Foundation
import Kernel
import ProofChain
import Settlement

/// Measures what it costs a settlement to ask whose keys count: all the questions of a signed request, from memory, on
/// one core and without a node.
enum IdentityBench {
    /// A tenth of the DIDs is bound to a chain.
    private static let boundEvery = 10
    /// As many as a directory keeps at hand, by its defaults, so that nothing is read.
    private static let boundMax = 20_000

    /// What the questions cost, in nanoseconds of processor time a settlement, the best of five passes.
    struct Cost {
        /// Asked of a directory of bound and unbound DIDs.
        let directory: Double
        /// Asked of a node without one, to which every DID is its own key.
        let ownKeys: Double
    }

    static func measure(_ count: Int) throws -> Cost {
        let dids = try (0..<count).map { index in
            let key = try Ed25519PrivateKey(seed: SHA256.hash(Array("identity bench \(index)".utf8)))
            return (did: DID(publicKey: key.publicKey), key: key)
        }
        let clock: @Sendable () -> Int64 = { Int64(LoadLoop.now() / 1_000_000) }
        let directory = IdentityDirectory(reading: Nowhere(), clock: clock, isNamed: { _ in false })
        let bound = stride(from: 0, to: count, by: boundEvery).prefix(boundMax).map { dids[$0] }
        directory.begin(bound: bound.map(\.key.publicKey))
        directory.apply(try bound.map { try authority($0.did, $0.key) })
        directory.setFresh(untilMs: .max)
        let asked = dids.map { (did: $0.did, key: $0.key.publicKey) }
        func cost(_ keys: some KeyDirectory) throws -> Double {
            let seconds = try ProcessorTime.leastOfFive { _ in
                for one in asked { try questions(one.did, one.key, keys) }
            }
            return seconds / Double(asked.count) * 1e9
        }
        return Cost(directory: try cost(directory), ownKeys: try cost(DIDKeyResolver()))
    }

    /// What a settlement asks: the keys of the caller and of the payer, and whether they are certain.
    private static func questions(
        _ did: DID, _ key: Ed25519PublicKey, _ directory: some KeyDirectory
    ) throws {
        for _ in 0..<2 {
            guard case .keys(let keys) = directory.keys(for: did), keys.contains(key), directory.isCertain(of: did)
            else { throw BenchError(description: "the directory does not know its own key of \(did)") }
        }
    }

    private static func authority(_ did: DID, _ key: Ed25519PrivateKey) throws -> DIDAuthority {
        let entry = Multikey(key.publicKey)
        let genesis = try OperationSigner.createIdentity(
            keys: KeySet(all: entry), createdAt: try Timestamp("2026-01-01T00:00:00.000Z"), keyID: entry.id,
            privateKey: key)
        let moment = LogMoment(position: 1, atMs: 1)
        let identity = MirroredIdentity(
            genesis: try IdentityState(verifyingTokens: [genesis.token]), at: moment)
        return DIDAuthority(
            DIDBinding(did: did, identity: DFOSDID(genesis: genesis.cid), moment: moment), identity)
    }

    struct BenchError: Error, CustomStringConvertible {
        let description: String
    }

    /// A copy that is never read: everything asked for is in memory.
    private struct Nowhere: IdentityReading {
        func authority(over did: DID) async throws(LedgerFailure) -> DIDAuthority? { nil }
        func isRecorded(_ did: DID) async throws(LedgerFailure) -> Bool { false }
        func evidence(
            for manifest: CID, authority: DID, signer: DID
        ) async throws(LedgerFailure) -> ManifestEvidence { .none }
    }
}
