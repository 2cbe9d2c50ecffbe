public import Cryptography
public import ProofChain

/// Why a page of the log is not taken. Nothing of it is: the copy stays as it is, and ages.
public enum MirrorRefusal: Error, Hashable, Sendable {
    /// Read again from its beginning, the log has an operation that does not follow from what is known of its chain: it
    /// is not the log that was followed.
    case operationInvalid(cid: CID, code: String)
    /// The relay lost what it had: read again from its beginning, the log lacks operations that the copy holds.
    case logShortened(heldCount: Int64, metCount: Int64)

    /// One line for the operator.
    public var reason: String {
        switch self {
        case .operationInvalid(let cid, let code): "identity operation \(cid) does not follow: \(code)"
        case .logShortened(let held, let met):
            "the relay has \(met) of the \(held) identity operations that this node holds"
        }
    }
}

/// A page of the log, taken apart; only what a mirror of identities needs is left of it.
public struct MirrorPage: Sendable {
    enum Entry: Sendable {
        case genesis(IdentityState)
        case update(SignedOperation, of: DFOSDID)
        case other(SignedOperation)
    }

    let entries: [(position: Int64, entry: Entry)]
    /// How many entries the page had.
    public let count: Int
    /// Entries that are no operations, no beginnings of identities, or others than they are said to be.
    public let unreadable: Int64

    /// Takes a page apart. Operations of other kinds are passed over unread as far as they can be,
    /// and what cannot be read is counted: one such entry does not stop all identities.
    /// - Parameter position: of the last entry before it.
    public init(_ page: RelayLogPage, after position: Int64) {
        var unreadable: Int64 = 0
        var entries: [(position: Int64, entry: Entry)] = []
        for (index, served) in page.entries.enumerated() {
            let position = position + Int64(index) + 1
            guard let operation = try? SignedOperation(token: served.token) else {
                unreadable += 1
                continue
            }
            // Under a wrong name it is still what its chain's holder signed.
            if !served.cid.utf8.elementsEqual(operation.cid.string.utf8) { unreadable += 1 }
            switch operation.kind {
            case .identity:
                if let entry = Self.identity(operation) {
                    entries.append((position, entry))
                } else {
                    unreadable += 1
                }
            case .artifact, .content: entries.append((position, .other(operation)))
            default: break
            }
        }
        self.entries = entries
        self.unreadable = unreadable
        count = page.entries.count
    }

    /// Nil for a beginning that does not verify: no identity has it.
    private static func identity(_ operation: SignedOperation) -> Entry? {
        if let signer = operation.signer { return .update(operation, of: signer) }
        return (try? IdentityState(genesis: operation)).map { .genesis($0) }
    }

    /// The identities that taking the page needs to know.
    public var identities: Set<DFOSDID> {
        Set(
            entries.compactMap {
                switch $0.entry {
                case .genesis(let state): state.did
                case .update(_, let did): did
                case .other(let operation): operation.author
                }
            })
    }

    /// The identity operations in it.
    public var operations: [CID] {
        entries.compactMap {
            switch $0.entry {
            case .genesis(let state): state.genesisCID
            case .update(let operation, _): operation.cid
            case .other: nil
            }
        }
    }

    /// The DIDs that its chains would bind.
    public var dids: [DID] {
        entries.compactMap { if case .genesis(let state) = $0.entry { state.boundDID } else { nil } }
    }
}

/// What is known before a page is taken.
public struct MirrorFacts: Sendable, IdentityResolver {
    /// Of ``MirrorPage/identities``, those that are in the copy.
    public var identities: [DFOSDID: MirroredIdentity]
    /// Of ``MirrorPage/operations``, those that are in the copy.
    public var operations: Set<CID>
    /// Of ``MirrorPage/dids``, those that are bound.
    public var bindings: [DID: DIDBinding]

    /// Facts.
    public init(
        identities: [DFOSDID: MirroredIdentity] = [:], operations: Set<CID> = [], bindings: [DID: DIDBinding] = [:]
    ) {
        self.identities = identities
        self.operations = operations
        self.bindings = bindings
    }

    /// See ``IdentityResolver/identity(_:)``.
    public func identity(_ did: DFOSDID) -> IdentityState? { identities[did]?.state }
}

/// What taking a page changes in the copy.
public struct MirrorChanges: Hashable, Sendable {
    /// An operation that is new.
    public struct Operation: Hashable, Sendable {
        /// The operation.
        public let cid: CID
        /// Its chain.
        public let identity: DFOSDID
        /// Its place in the log.
        public let position: Int64
    }

    /// The chains that are new or longer.
    public internal(set) var identities: [DFOSDID: MirroredIdentity] = [:]
    /// The operations that are new, in the order of the log.
    public internal(set) var operations: [Operation] = []
    /// The bindings that are new, or have a conflict that is new.
    public internal(set) var bindings: [DID: DIDBinding] = [:]
    /// The anchors that are new.
    public internal(set) var anchors: [ManifestAnchor] = []
    /// Identity operations in the page, known or new.
    public internal(set) var operationsSeen = 0
    /// The chains that broke, and why: the code of what did not hold.
    public internal(set) var broken: [DFOSDID: String] = [:]
    /// Entries that were passed over: unreadable ones, and operations of identities whose beginning is not known.
    public internal(set) var skipped: Int64 = 0
}

/// Folds the log of a relay into this node's own copy of identities. Pure: the same facts and page, the same changes.
///
/// Every operation is verified here; the relay's word counts for the order alone. Taking a page twice changes nothing.
/// An operation that does not follow from its chain breaks that chain, for it may be a rotation that is not understood
/// here: nobody signs for the DID until an operation follows again. Other chains go on.
public enum IdentityMirror {
    /// Takes a page.
    /// - Parameter isReread: whether a log that was followed is read again from its beginning.
    /// - Throws: while reading again, where an operation does not follow; then nothing of the page counts.
    public static func take(
        _ page: MirrorPage, _ facts: MirrorFacts, at time: ReadingTime, isReread: Bool = false
    ) throws(MirrorRefusal) -> MirrorChanges {
        var fold = Fold(facts: facts, time: time, isReread: isReread)
        fold.changes.skipped = page.unreadable
        for (position, entry) in page.entries {
            switch entry {
            case .genesis(let state): fold.take(genesis: state, at: position)
            case .update(let operation, let did): try fold.take(operation, of: did, at: position)
            case .other(let operation):
                if let author = operation.author, fold.facts.identities[author]?.brokenAtPosition != nil { continue }
                let anchor = ManifestAnchor(operation, identities: fold.facts, position: position)
                if let anchor { fold.changes.anchors.append(anchor) }
            }
        }
        return fold.changed
    }

    private struct Fold {
        var facts: MirrorFacts
        let time: ReadingTime
        let isReread: Bool
        var changes = MirrorChanges()
        private var touched: Set<DFOSDID> = []

        /// The changes, with the chains as they stand at the end.
        var changed: MirrorChanges {
            var all = changes
            for did in touched { all.identities[did] = facts.identities[did] }
            return all
        }

        init(facts: MirrorFacts, time: ReadingTime, isReread: Bool) {
            self.facts = facts
            self.isReread = isReread
            self.time = time
        }

        /// Notes an operation; false when it was known.
        private mutating func note(_ cid: CID, of identity: DFOSDID, at position: Int64) -> Bool {
            changes.operationsSeen += 1
            guard facts.operations.insert(cid).inserted else { return false }
            changes.operations.append(MirrorChanges.Operation(cid: cid, identity: identity, position: position))
            return true
        }

        private mutating func keep(_ identity: MirroredIdentity) {
            facts.identities[identity.state.did] = identity
            touched.insert(identity.state.did)
        }

        mutating func take(genesis state: IdentityState, at position: Int64) {
            guard note(state.genesisCID, of: state.did, at: position) else { return }
            let moment = LogMoment(position: position, atMs: time.seenAtMs)
            keep(MirroredIdentity(genesis: state, at: moment))
            guard let did = state.boundDID else { return }
            let known = facts.bindings[did]
            guard let binding = DIDBinding.binding(of: did, to: state.did, at: moment, known: known) else { return }
            facts.bindings[did] = binding
            changes.bindings[did] = binding
        }

        mutating func take(
            _ operation: SignedOperation, of did: DFOSDID, at position: Int64
        ) throws(MirrorRefusal) {
            guard !facts.operations.contains(operation.cid) else {
                changes.operationsSeen += 1
                return
            }
            // Taken out, so that a long history is extended in its place and not copied.
            guard var identity = facts.identities.removeValue(forKey: did) else {
                changes.skipped += 1
                return
            }
            do throws(ProofError) {
                try identity.extend(by: operation, at: position, time)
            } catch {
                guard identity.brokenAtPosition == nil else {
                    facts.identities[did] = identity
                    return
                }
                if isReread { throw .operationInvalid(cid: operation.cid, code: error.code.rawValue) }
                identity.breakOff(at: position)
                changes.broken[did] = error.code.rawValue
                keep(identity)
                return
            }
            _ = note(operation.cid, of: did, at: position)
            keep(identity)
        }
    }
}
