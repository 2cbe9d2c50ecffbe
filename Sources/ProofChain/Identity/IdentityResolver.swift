public import Cryptography

/// Where a verification finds other identities. It answers from what it has: reading ahead is for the caller, who can
/// ask ``SignedOperation/identitiesNeeded``.
public protocol IdentityResolver {
    /// The identity; nil when it is not known here.
    func identity(_ did: DFOSDID) -> IdentityState?
}

/// Identities held in memory.
public struct IdentityTable: IdentityResolver, Sendable {
    private var states: [DFOSDID: IdentityState]

    /// Holds these; of two states of one identity, the later in the sequence.
    public init(_ states: some Sequence<IdentityState> = []) {
        self.states = [:]
        for state in states { insert(state) }
    }

    /// Adds a state, or puts it in the place of an earlier one.
    public mutating func insert(_ state: IdentityState) {
        states[state.did] = state
    }

    /// The identity; nil when it is not held.
    public func identity(_ did: DFOSDID) -> IdentityState? { states[did] }
}

/// Which keys of an identity count.
public enum KeyBasis: Hashable, Sendable {
    /// Those of the head, while it is not deleted: for what is new, and for authentication.
    case current
    /// Every one that the chain ever listed: for what was accepted once and stays, and for credentials, which outlive a
    /// change of keys by design.
    case historical
}

extension IdentityResolver {
    /// The key that a reference names. Throws `identityUnknown` and what ``IdentityState/publicKey(_:_:)`` does.
    public func publicKey(_ reference: KeyReference, _ basis: KeyBasis) throws(ProofError) -> Ed25519PublicKey {
        guard let state = identity(reference.did) else {
            throw ProofError(.identityUnknown, reference.did.string)
        }
        return try state.publicKey(reference.keyID, basis)
    }
}
