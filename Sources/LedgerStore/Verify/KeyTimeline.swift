import Cryptography
import Kernel
import PostgresClient
import ProofChain
import Settlement

/// The keys of a DID over time, for judging a signature at the time it was taken.
struct KeyTimeline {
    let did: DID
    /// When its chain was bound; nil when none is.
    let boundAtMs: Int64?
    let standings: [KeyStanding]

    /// What a signature was when it was taken.
    enum Verdict {
        /// By a key in force.
        case inForce
        /// By a key of the DID, and not in force then.
        case outOfTime
        /// By none.
        case unknownKey
    }

    /// Judges a signature.
    /// - Parameters:
    ///   - recordedAtMs: when the book took it.
    ///   - anchoredAt: where the signer anchored what is signed; nil when it did not.
    ///   - slackMs: how much later than a retirement a signature may have been taken: each process learns of it within
    ///     the age that its copy may have, and what it had verified before may still be on its way into the book then.
    func verdict(
        of signature: [UInt8], over bytes: [UInt8], recordedAtMs: Int64, anchoredAt: Int64?, slackMs: Int64
    ) -> Verdict {
        var isKnown = false
        if let own = did.publicKey, boundAtMs.map({ recordedAtMs < $0 + slackMs }) ?? true {
            if own.isValidSignature(signature, for: bytes) { return .inForce }
        }
        for standing in standings where standing.key.isValidSignature(signature, for: bytes) {
            isKnown = true
            guard recordedAtMs >= standing.since.atMs - slackMs else { continue }
            guard let until = standing.until else { return .inForce }
            if recordedAtMs < until.atMs + slackMs || anchoredAt.map({ $0 < until.position }) == true {
                return .inForce
            }
        }
        return isKnown ? .outOfTime : .unknownKey
    }
}

/// Reads timelines, and keeps the last ones.
struct KeyTimelines {
    private let connection: Connection
    private let bookID: Int64
    private var known: [String: KeyTimeline] = [:]

    /// Timelines kept; past it all are forgotten and read again.
    private static let knownMax = 4096

    init(_ connection: Connection, bookID: Int64) {
        self.connection = connection
        self.bookID = bookID
    }

    mutating func timeline(of did: DID) throws -> KeyTimeline {
        if let timeline = known[did.string] { return timeline }
        var timeline = KeyTimeline(did: did, boundAtMs: nil, standings: [])
        if let row = try connection.query(Self.select, [.int8(bookID), .text(did.string)]).first {
            let identity = try MirroredIdentity(
                state: row.bytea(1), standings: row.bytea(2), position: row.int8(3))
            timeline = KeyTimeline(did: did, boundAtMs: try row.int8(0), standings: identity.standings)
        }
        if known.count >= Self.knownMax { known = [:] }
        known[did.string] = timeline
        return timeline
    }

    func anchor(of manifest: String, by did: DID) throws -> Int64? {
        try connection.query(Self.selectAnchor, [.int8(bookID), .text(manifest), .text(did.string)]).first?.int8(0)
    }

    private static let select = Statement(
        "verify_timeline",
        """
        SELECT b.bound_at_ms, i.state, i.standings, i.position
        FROM identity_bindings b JOIN identities i ON i.book_id = b.book_id AND i.dfos_did = b.dfos_did
        WHERE b.book_id = $1 AND b.did = $2
        """)
    private static let selectAnchor = Statement(
        "verify_anchor",
        """
        SELECT a.position FROM identity_bindings b
        JOIN manifest_anchors a ON a.book_id = b.book_id AND a.manifest_cid = $2 AND a.dfos_did = b.dfos_did
        WHERE b.book_id = $1 AND b.did = $3
        """)
}
