public import Cryptography
import Kernel
import PostgresClient
public import ProofChain
public import Settlement

/// An operator's word on a DID whose chain is in doubt.
public struct IdentityResolution: Hashable, Sendable {
    /// The DID.
    public let did: DID
    /// The chain that stays the DID's: the one that it is bound to, for the first stays for ever.
    public let kept: DFOSDID
    /// The chain's last operation, as the operator found it elsewhere; asked for when the chain is broken.
    public let head: CID?
    /// Why, for the audit log.
    public let reason: String
    /// Who decided, for the audit log.
    public let actor: String

    /// A resolution.
    public init(did: DID, kept: DFOSDID, head: CID?, reason: String, actor: String) {
        self.did = did
        self.kept = kept
        self.head = head
        self.reason = reason
        self.actor = actor
    }
}

/// What became of a resolution.
public enum IdentityResolutionOutcome: Hashable, Sendable {
    /// What stood in the way is lifted: a conflict, a break, or both.
    case resolved(conflict: Bool, isBreak: Bool)
    /// Nothing is in doubt; nothing was changed.
    case nothingInDoubt
    /// No chain is bound to the DID.
    case unbound
    /// Another chain is bound.
    case otherChain(DFOSDID)
    /// The chain is broken, and the head that is known here is another one than was given, or none was.
    case otherHead(known: CID)
}

extension PostgresLedgerStore {
    /// Lifts what an unclear chain holds up, with a line in the audit log: payouts go on after a conflict, and
    /// signatures count again after a break. Every process of the node follows within a round; none is started anew.
    ///
    /// - Parameters:
    ///   - auditID: of the line; new with each call.
    ///   - nowMs: milliseconds since 1970.
    /// - Throws: store failures; it may have been done then, and doing it again changes nothing.
    public func resolve(
        _ resolution: IdentityResolution, auditID: String, nowMs: Int64
    ) async throws(LedgerFailure) -> IdentityResolutionOutcome {
        let bookID = book.bookID
        return try await read { connection in
            try connection.transaction { connection -> IdentityResolutionOutcome in
                // Changes are numbered by whoever holds this row.
                _ = try Self.lockCursor(bookID, connection)
                let did = resolution.did.string
                let row = try connection.query(Self.selectAuthority, [.int8(bookID), .text(did)]).first
                guard let row else { return .unbound }
                let authority = try DIDAuthority(row)
                guard authority.binding.identity == resolution.kept else {
                    return .otherChain(authority.binding.identity)
                }
                let isConflict = authority.binding.conflict.map { $0.resolvedAtMs == nil } ?? false
                guard isConflict || authority.isBroken else { return .nothingInDoubt }
                if authority.isBroken, resolution.head != authority.headCID {
                    return .otherHead(known: authority.headCID)
                }
                let chain = resolution.kept.string
                try connection.query(Self.mendIdentity, [.int8(bookID), .text(chain)])
                try connection.query(Self.resolveConflict, [.int8(bookID), .text(did), .int8(nowMs)])
                try connection.query(
                    PosterWriter.insertAudit,
                    [
                        .int8(bookID), .text(auditID), .int8(nowMs), .text(resolution.actor), .text("resolve \(chain)"),
                        .text(did), .text(resolution.reason),
                    ])
                return .resolved(conflict: isConflict, isBreak: authority.isBroken)
            }
        }
    }

    private static let mendIdentity = Statement(
        "identity_mend",
        "UPDATE identities SET broken_position = NULL WHERE book_id = $1 AND dfos_did = $2")
    private static let resolveConflict = Statement(
        "identity_conflict_resolve",
        """
        UPDATE identity_bindings
        SET conflict_resolved_at_ms = CASE WHEN conflict_dfos_did IS NOT NULL
                                           THEN coalesce(conflict_resolved_at_ms, $3::int8) END,
            changed = (SELECT max(changed) + 1 FROM identity_bindings WHERE book_id = $1)
        WHERE book_id = $1 AND did = $2
        """)
}
