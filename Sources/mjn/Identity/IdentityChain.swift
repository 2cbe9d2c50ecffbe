import Cryptography
import Kernel
import ProofChain

/// A verified identity chain with the tokens that it consists of.
struct IdentityChain {
    /// The tokens exactly as they came: another token with the same payload is another operation to relays.
    let tokens: [String]
    /// The same taken apart, in order; at least the genesis operation.
    let operations: [SignedOperation]
    /// What the chain comes to.
    let state: IdentityState

    /// Verifies a log.
    /// - Throws: what is wrong with it, with the position of the operation.
    init(verifying tokens: [String]) throws(ProofError) {
        state = try IdentityState(verifyingTokens: tokens)
        var operations: [SignedOperation] = []
        operations.reserveCapacity(tokens.count)
        for token in tokens { operations.append(try SignedOperation(token: token)) }
        self.operations = operations
        self.tokens = tokens
    }

    private init(tokens: [String], operations: [SignedOperation], state: IdentityState) {
        self.tokens = tokens
        self.operations = operations
        self.state = state
    }

    /// The chain with one more operation, verified.
    func appending(_ operation: SignedOperation) throws(ProofError) -> IdentityChain {
        IdentityChain(
            tokens: tokens + [operation.token], operations: operations + [operation],
            state: try state.extended(by: operation))
    }

    /// The DID that the chain binds: that of the key which signed the genesis operation, and so proved that it is
    /// there. A key that the genesis only lists proved nothing: anybody could have listed it.
    var boundDID: DID? {
        guard let name = operations.first?.kid else { return nil }
        let signer = state.genesisControllerKeys.first { $0.id == KeyID(name) }
        return signer.flatMap { try? $0.publicKey() }.map { DID(publicKey: $0) }
    }

    /// What the head calls a key; nil when it does not list it.
    func currentName(of key: Ed25519PublicKey) -> KeyID? {
        state.keys.distinct.first { $0.isKey(key) }?.id
    }

    /// A key as an entry of this chain: under the name that it had here before, else under its conventional one.
    func entry(for key: Ed25519PublicKey) -> Multikey {
        state.keys.distinct.first { $0.isKey(key) }
            ?? state.history.records.first { $0.key.isKey(key) }?.key ?? Multikey(key)
    }

    /// When the next operation can be made: now, or as soon after the last one as there is a time.
    /// - Throws: exit code 1 when the last one is dated so far ahead that relays would refuse its successor.
    func nextCreatedAt(nowMs: Int64) throws(CLIFailure) -> ProofChain.Timestamp {
        let last = state.lastCreatedAt
        let nextMs = max(nowMs, last.millisecondsSinceEpoch + 1)
        guard nextMs - nowMs <= ProofLimits.futureMs, let next = try? Timestamp(millisecondsSinceEpoch: nextMs) else {
            throw CLIFailure(
                "the last operation is dated \(last), more than a day ahead of this machine's clock",
                fix: "check the clock; relays refuse operations from the future until their time has come")
        }
        return next
    }
}

extension Multikey {
    /// Whether the material is this key.
    func isKey(_ key: Ed25519PublicKey) -> Bool { (try? publicKey()) == key }

    /// The DID that the key is; nil when the material is no key.
    var keyDID: DID? { (try? publicKey()).map { DID(publicKey: $0) } }
}

extension KeyRoles {
    /// For people and scripts, in the order of a DID document.
    var names: [String] {
        [(KeyRoles.auth, "auth"), (.assert, "assert"), (.controller, "controller")].filter { contains($0.0) }.map(\.1)
    }
}
