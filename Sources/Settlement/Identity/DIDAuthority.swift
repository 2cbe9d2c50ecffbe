public import Cryptography
public import Kernel
public import ProofChain

/// Who may sign for a bound DID, and what holds for it: a binding together with its chain.
public struct DIDAuthority: Hashable, Sendable {
    /// Keys of the head that may sign, and retired ones that are remembered. The protocol lists up to 768 keys; every
    /// signature that is nobody's costs a check under each, some 50 µs, and a person or a service has a handful. The
    /// first in the order of a DID document count (auth, assert, controller), and those retired last.
    public static let keysMax = 32

    /// The binding.
    public let binding: DIDBinding
    /// The last operation of the chain.
    public let headCID: CID
    /// Whether the identity is deleted: then nobody signs for it.
    public let isDeleted: Bool
    /// Whether an operation did not follow from the chain: then nobody is known to sign for the DID.
    public let isBroken: Bool
    private let firstKeyRetiredAtPosition: Int64?
    /// The keys that may sign now.
    public let currentKeys: [Ed25519PublicKey]
    /// The keys that might before, the one retired last first.
    public let retiredKeys: [RetiredKey]

    /// The DID.
    public var did: DID { binding.did }

    /// Puts a binding and its chain together.
    public init(_ binding: DIDBinding, _ identity: MirroredIdentity) {
        self.binding = binding
        headCID = identity.state.headCID
        isDeleted = identity.state.isDeleted
        isBroken = identity.brokenAtPosition != nil
        let own = binding.did.publicKey
        firstKeyRetiredAtPosition = identity.standings.first { $0.key == own }?.until?.position
        currentKeys = isBroken ? [] : Array(identity.state.signingKeys.prefix(Self.keysMax))
        let retired = identity.standings.compactMap { standing in
            standing.until.map { RetiredKey(key: standing.key, retiredAtMs: $0.atMs, position: $0.position) }
        }
        retiredKeys = Array(retired.sorted { $0.position > $1.position }.prefix(Self.keysMax))
    }

    /// Whether a second chain appeared while the first key could still sign. One after that key was retired is by
    /// somebody who found an old key: the operator is told of it, and the holder keeps the payouts.
    private var conflictCounts: Bool {
        guard let conflict = binding.conflict else { return false }
        return firstKeyRetiredAtPosition.map { conflict.moment.position < $0 } ?? true
    }

    /// What holds for paying out to the DID.
    public var payoutStanding: PayoutStanding {
        PayoutStanding(
            isFrozen: isBroken || conflictCounts,
            ownAddressIsPayable: did.publicKey.map { currentKeys.contains($0) } ?? false)
    }
}

/// What holds for paying out to a DID.
public struct PayoutStanding: Hashable, Sendable {
    /// Whether nothing may be paid out to it: two chains claimed it while its first key could sign, and somebody has to
    /// find out which is whose; or its chain is broken.
    public let isFrozen: Bool
    /// Whether its own address, which is its first key, may receive: only while that key is a current one. Whoever
    /// holds a retired key could spend what is sent there.
    public let ownAddressIsPayable: Bool

    /// A standing.
    public init(isFrozen: Bool, ownAddressIsPayable: Bool) {
        self.isFrozen = isFrozen
        self.ownAddressIsPayable = ownAddressIsPayable
    }

    /// Of a DID without a chain: its own key is the one that counts. One that is no key has no address.
    public static func unbound(_ did: DID) -> PayoutStanding {
        PayoutStanding(isFrozen: false, ownAddressIsPayable: did.isKey)
    }
}
