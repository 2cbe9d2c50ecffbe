public import Cryptography

/// A DID that is a key, and the chain that has authority over it: the first in the order of the log, for ever.
public struct DIDBinding: Hashable, Sendable {
    /// Another chain that would have bound the same DID later. It binds nothing; that it exists means that the DID's
    /// first key signed two beginnings, which only its holder or a thief can have done.
    public struct Conflict: Hashable, Sendable {
        /// The other chain.
        public let identity: DFOSDID
        /// When it appeared.
        public let moment: LogMoment
        /// When somebody found out which chain is whose, and kept the first, milliseconds since 1970; nil: nobody did.
        public let resolvedAtMs: Int64?

        /// A conflict.
        public init(identity: DFOSDID, moment: LogMoment, resolvedAtMs: Int64? = nil) {
            self.identity = identity
            self.moment = moment
            self.resolvedAtMs = resolvedAtMs
        }
    }

    /// The DID.
    public let did: DID
    /// The chain.
    public let identity: DFOSDID
    /// When it was bound.
    public let moment: LogMoment
    /// The first chain that came too late, since the last such was resolved; nil when there is none.
    public internal(set) var conflict: Conflict?

    /// A binding.
    public init(did: DID, identity: DFOSDID, moment: LogMoment, conflict: Conflict? = nil) {
        self.did = did
        self.identity = identity
        self.moment = moment
        self.conflict = conflict
    }

    /// The rule: the first chain stays, the second one is a conflict, a third one changes nothing more unless the
    /// conflict was resolved: then it is one of its own.
    ///
    /// - Parameter known: the binding that the DID has; nil for the first.
    /// - Returns: the binding to store; nil when nothing changes.
    public static func binding(
        of did: DID, to identity: DFOSDID, at moment: LogMoment, known: DIDBinding?
    ) -> DIDBinding? {
        guard var binding = known else { return DIDBinding(did: did, identity: identity, moment: moment) }
        guard binding.identity != identity, binding.conflict?.identity != identity else { return nil }
        if let conflict = binding.conflict, conflict.resolvedAtMs == nil { return nil }
        binding.conflict = Conflict(identity: identity, moment: moment)
        return binding
    }
}
