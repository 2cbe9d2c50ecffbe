import Cryptography
import PostgresClient
import ProofChain

/// Writing what a batch changed, a statement for each table. The relay's row is locked.
extension RelayStore {
    static func apply(
        _ changes: RelayChanges, _ facts: RelayFacts, nowMs: Int64, on connection: Connection
    ) throws {
        guard !changes.entries.isEmpty || !changes.grants.isEmpty else { return }
        let first = try writeLog(changes.entries, nowMs, connection)
        try writeIdentities(changes.identities.compactMap { facts.identities[$0] }, connection)
        try writeBindings(changes.entries, first: first, facts, nowMs: nowMs, connection)
        try writeContents(changes, facts, connection)
        try writeStatements(changes, nowMs, connection)
        try writeCredentials(changes, connection)
    }

    /// Returns the position of the first entry; 0 when there is none.
    private static func writeLog(
        _ entries: [RelayChanges.Entry], _ nowMs: Int64, _ connection: Connection
    ) throws -> Int64 {
        guard !entries.isEmpty else { return 0 }
        func count(_ kind: OperationKind) -> Parameter { .int8(Int64(entries.count { $0.kind == kind })) }
        let head = try connection.query(
            moveHead,
            [
                .int8(Int64(entries.count)), count(.identity), count(.content), count(.artifact), count(.credential),
                count(.countersign), count(.revocation),
            ]
        ).one().int8(0)
        let first = head - Int64(entries.count) + 1
        try connection.query(
            insertOperations,
            [
                .int8s(Array(first...head)), .texts(entries.map(\.cid.string)),
                .texts(entries.map(\.kind.relayName)), .texts(entries.map(\.chainID)),
                .texts(entries.map(\.signerDID)), .texts(entries.map(\.createdAt)), .texts(entries.map(\.token)),
                .int8(nowMs),
            ])
        return first
    }

    private static func writeContents(
        _ changes: RelayChanges, _ facts: RelayFacts, _ connection: Connection
    ) throws {
        let chains = changes.contents.compactMap { facts.contents[$0] }
        guard !chains.isEmpty else { return }
        try connection.query(
            upsertContents,
            [
                .texts(chains.map(\.head.contentID.string)), .texts(chains.map(\.head.genesisCID.string)),
                .texts(chains.map(\.head.headCID.string)), .texts(chains.map(\.head.creator.string)),
                .texts(chains.map(\.genesisAt.string)), .texts(chains.map(\.head.lastCreatedAt.string)),
                .bools(chains.map(\.head.isDeleted)),
                .optionalTexts(chains.map { $0.head.currentDocumentCID.map(StoredText.encode) }),
                .int4s(chains.map { Int32(clamping: $0.head.length) }),
                .int4s(chains.map { Int32(clamping: $0.operationCount) }),
            ])
        let states = changes.contentAuthors.keys.sorted().compactMap { facts.contentStates[$0] }
        try connection.query(
            insertContentStates,
            [
                .texts(states.map(\.headCID.string)), .texts(states.map(\.contentID.string)),
                .texts(states.map { changes.contentAuthors[$0.headCID.string] ?? "" }),
                .texts(states.map(\.lastCreatedAt.string)), .bools(states.map(\.isDeleted)),
                .optionalTexts(states.map { $0.currentDocumentCID.map(StoredText.encode) }),
                .int4s(states.map { Int32(clamping: $0.length) }),
            ])
    }

    private static func writeStatements(_ changes: RelayChanges, _ nowMs: Int64, _ connection: Connection) throws {
        if !changes.artifacts.isEmpty {
            try connection.query(
                insertArtifacts,
                [
                    .texts(changes.artifacts.map(\.cid)), .texts(changes.artifacts.map(\.signerDID)),
                    .texts(changes.artifacts.map(\.createdAt)),
                    .texts(changes.artifacts.map { StoredText.encode($0.docSchema) }), .int8(nowMs),
                ])
        }
        if !changes.countersigns.isEmpty {
            try connection.query(
                insertCountersigns,
                [
                    .texts(changes.countersigns.map(\.witness.targetCID)),
                    .texts(changes.countersigns.map(\.witness.witnessDID)),
                    .texts(changes.countersigns.map(\.cid)), .texts(changes.countersigns.map(\.createdAt)),
                    .optionalTexts(changes.countersigns.map { $0.relation.map(StoredText.encode) }), .int8(nowMs),
                ])
        }
    }
}
