import Cryptography
import PostgresClient
import ProofChain

/// A bound DID as it is served.
struct BindingRecord: Sendable {
    let binding: DIDBinding
    let state: IdentityState
}

/// Bindings of DIDs that are keys: written with the chains that make them, in the same transaction.
extension RelayStore {
    /// Binds what the new chains bind, in the order of the log.
    /// - Parameter first: the position of the first entry.
    static func writeBindings(
        _ entries: [RelayChanges.Entry], first: Int64, _ facts: RelayFacts, nowMs: Int64, _ connection: Connection
    ) throws {
        let begun = entries.enumerated().compactMap { index, entry -> (did: DID, identity: DFOSDID, at: LogMoment)? in
            let identity = DFOSDID(genesis: entry.cid)
            guard entry.kind == .identity, entry.chainID.utf8.elementsEqual(identity.string.utf8),
                let did = facts.identities[identity]?.boundDID
            else { return nil }
            return (did, identity, LogMoment(position: first + Int64(index), atMs: nowMs))
        }
        guard !begun.isEmpty else { return }
        var known: [DID: DIDBinding] = [:]
        for row in try connection.query(selectBindings, [.texts(begun.map(\.did.string))]) {
            let binding = try DIDBinding(row)
            known[binding.did] = binding
        }
        for (did, identity, moment) in begun {
            let binding = DIDBinding.binding(of: did, to: identity, at: moment, known: known[did])
            guard let binding else { continue }
            known[did] = binding
            try connection.query(
                upsertBinding,
                [
                    .text(did.string), .text(binding.identity.string), .int8(binding.moment.position),
                    .int8(binding.moment.atMs), .text(binding.conflict?.identity.string),
                    .int8(binding.conflict?.moment.position), .int8(binding.conflict?.moment.atMs),
                ])
        }
    }

    /// A DID's binding with its chain; nil when none is bound.
    func binding(of did: DID) async throws(RelayFailure) -> BindingRecord? {
        try await read { connection in
            guard let row = try connection.query(Self.selectBinding, [.text(did.string)]).first else { return nil }
            let encoded = try row.bytea(7)
            return BindingRecord(
                binding: try DIDBinding(row),
                state: try Self.stored { () throws(ProofError) in try IdentityState(encoded: encoded) })
        }
    }

    private static let selectBindings = Statement(
        "registry_bindings",
        """
        SELECT did, dfos_did, bound_position, bound_at_ms, conflict_dfos_did, conflict_position, conflict_at_ms
        FROM bindings WHERE did = ANY ($1)
        """)
    private static let selectBinding = Statement(
        "registry_binding",
        """
        SELECT b.did, b.dfos_did, b.bound_position, b.bound_at_ms, b.conflict_dfos_did, b.conflict_position,
               b.conflict_at_ms, i.encoded
        FROM bindings b JOIN identities i ON i.did = b.dfos_did WHERE b.did = $1
        """)
    private static let upsertBinding = Statement(
        "registry_upsert_binding",
        """
        INSERT INTO bindings (did, dfos_did, bound_position, bound_at_ms, conflict_dfos_did, conflict_position,
            conflict_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (did) DO UPDATE SET conflict_dfos_did = excluded.conflict_dfos_did,
            conflict_position = excluded.conflict_position, conflict_at_ms = excluded.conflict_at_ms
        """)
}

extension DIDBinding {
    /// Reads seven columns: the DID, its chain, when, and the conflict.
    fileprivate init(_ row: Row) throws {
        var conflict: Conflict?
        if let other = try row.textOrNil(4) {
            conflict = Conflict(
                identity: try DFOSDID(other), moment: LogMoment(position: try row.int8(5), atMs: try row.int8(6)))
        }
        self.init(
            did: try DID(row.text(0)), identity: try DFOSDID(row.text(1)),
            moment: LogMoment(position: try row.int8(2), atMs: try row.int8(3)), conflict: conflict)
    }
}
