public import Cryptography
public import Kernel
public import ProofChain

/// Who may sign for a bound DID, and what holds for it: a binding together with its chain.
public struct DIDAuthority: Hashable, Sendable {
    /// Retired keys that are kept of one chain, 5 MB: those of 10,000 operations that each replace six keys. Past it
    /// the ones retired first are nobody's, but for the key that the DID is.
    public static let retiredKeysMax = 1 << 16

    /// The binding.
    public let binding: DIDBinding
    /// The last operation of the chain.
    public let headCID: CID
    /// Whether the identity is deleted: then nobody signs for it.
    public let isDeleted: Bool
    /// Whether an operation did not follow from the chain: then nobody is known to sign for the DID.
    public let isBroken: Bool
    private let firstKeyRetiredAtPosition: Int64?
    /// The keys that may sign now, all of them, in the order in which they are tried: the key that the DID is, then
    /// controllers, then the others. The protocol allows 768.
    public let currentKeys: [Ed25519PublicKey]
    /// The keys that might before: the key that the DID is first, then the one retired last.
    public let retiredKeys: [RetiredKey]
    private let names: [KeyID: Ed25519PublicKey]

    /// The DID.
    public var did: DID { binding.did }

    /// Puts a binding and its chain together.
    public init(_ binding: DIDBinding, _ identity: MirroredIdentity) {
        self.binding = binding
        headCID = identity.state.headCID
        isDeleted = identity.state.isDeleted
        isBroken = identity.brokenAtPosition != nil
        let own = binding.did.publicKey
        firstKeyRetiredAtPosition = identity.standing(of: own)?.until?.position
        currentKeys = isBroken ? [] : Self.ordered(identity.state, own)
        var retired = identity.standings.compactMap { standing in
            standing.until.map {
                RetiredKey(
                    key: standing.key, retiredAtMs: $0.atMs, position: $0.position, listedAtMs: standing.since.atMs,
                    listedAtPosition: standing.since.position)
            }
        }
        retired.sort { $0.key == own ? $1.key != own : ($1.key != own && $0.position > $1.position) }
        retiredKeys = Array(retired.prefix(Self.retiredKeysMax))
        names = Dictionary(
            identity.state.history.records.suffix(Self.retiredKeysMax).compactMap { record in
                (try? record.key.publicKey()).map { (record.key.id, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func ordered(_ state: IdentityState, _ own: Ed25519PublicKey?) -> [Ed25519PublicKey] {
        let current = state.signingKeys
        guard current.count > 1 else { return current }
        let controllers = Set(state.keys.controller.compactMap { try? $0.publicKey() })
        return current.filter { $0 == own } + current.filter { $0 != own && controllers.contains($0) }
            + current.filter { $0 != own && !controllers.contains($0) }
    }

    /// The key that the chain calls so, now or once: by its name, or by its material as an identity lists it.
    public func key(named name: String) -> Ed25519PublicKey? {
        names[KeyID(name)] ?? (try? Multikey.decode(name))
    }

    /// How much memory it takes, in units of 1 KB.
    var weight: Int { 1 + (currentKeys.count + retiredKeys.count + names.count) / Self.keysPerKilobyte }

    /// A retired key is 64 bytes, its name some 100.
    private static let keysPerKilobyte = 12

    /// Whether a second chain appeared while the first key could still sign. One after that key was retired is by
    /// somebody who found an old key: the operator is told of it, and the holder keeps the payouts.
    private var conflictCounts: Bool {
        guard let conflict = binding.conflict, conflict.resolvedAtMs == nil else { return false }
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
