import Cryptography
import Foundation
import ProofChain

/// Verifies one long identity chain from its tokens, on one core and without a node.
enum ChainBench {
    /// A chain of `count` operations, 2 at least, each of which replaces the key in all three roles.
    static func chain(_ count: Int) throws -> [String] {
        var key = try key(0)
        var entry = Multikey(key.publicKey)
        var at = try Timestamp("2026-01-01T00:00:00.000Z")
        var operation = try OperationSigner.createIdentity(
            keys: KeySet(all: entry), createdAt: at, keyID: entry.id, privateKey: key)
        let did = DFOSDID(genesis: operation.cid)
        var tokens = [operation.token]
        for index in 1..<count {
            let next = try Self.key(index)
            at = try Timestamp(millisecondsSinceEpoch: at.millisecondsSinceEpoch + 1)
            let signer = OperationSigner(did: did, keyID: entry.id, privateKey: key)
            entry = Multikey(next.publicKey)
            operation = try signer.updateIdentity(previous: operation.cid, keys: KeySet(all: entry), createdAt: at)
            tokens.append(operation.token)
            key = next
        }
        return tokens
    }

    private static func key(_ index: Int) throws -> Ed25519PrivateKey {
        try Ed25519PrivateKey(seed: SHA256.hash(Array("chain bench \(index)".utf8)))
    }

    /// Operations a second of processor time, the best of five passes over the whole log.
    static func measure(_ count: Int) throws -> Double {
        let tokens = try chain(count)
        let seconds = try ProcessorTime.leastOfFive { _ in
            let state = try IdentityState(verifyingTokens: tokens)
            precondition(state.operationCount == count)
        }
        return Double(count) / seconds
    }
}
