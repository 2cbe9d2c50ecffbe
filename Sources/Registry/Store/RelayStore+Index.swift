import PostgresClient

/// How an indexed list is ordered, and where it goes on.
enum IndexOrder: Sendable, Hashable {
    /// By key, past this one.
    case key(after: String)
    /// By a time, newest first, then by key; past this place.
    case time(TimeColumn, after: OrderedCursor?)

    /// The times that lists can be ordered by.
    enum TimeColumn: String, Sendable, Hashable {
        case genesisAt = "genesisAt.desc"
        case headAt = "headAt.desc"
        case createdAt = "createdAt.desc"
        case ingestedAt = "ingestedAt.desc"
    }
}

/// Which identities are asked for.
struct IdentityQuery: Sendable {
    var did: String?
    var hasPublicProfile: Bool?
    /// In small letters.
    var nameContains: String?
}

/// What is known of an identity's profile.
struct ProfileRow: Sendable {
    let anchor: String
    let isPublic: Bool
    let docSchema: String?
    let name: String?
}

/// An identity in the index.
struct IdentityRow: Sendable {
    let did: String
    let headCID: String
    let operationCount: Int32
    let genesisAt: String
    let headAt: String
    let isDeleted: Bool
    let profile: ProfileRow?
}

/// Which content chains are asked for.
struct ContentQuery: Sendable {
    var contentID: String?
    var creator: String?
    var signer: String?
    var docSchema: String?
    var documentCID: String?
    var isPublic: Bool?
    var isDeleted: Bool?
    /// In small letters.
    var titleContains: String?
}

/// A content chain in the index.
struct ContentRow: Sendable {
    let contentID: String
    let genesisCID: String
    let headCID: String
    let creatorDID: String
    let isDeleted: Bool
    let operationCount: Int32
    let genesisAt: String
    let headAt: String
    let documentCID: String?
    let isPublic: Bool
    let docSchema: String?
    let title: String?
}

extension RelayStore {
    /// Identities with their profiles, as of `at`, seconds since 1970.
    func indexIdentities(
        _ query: IdentityQuery, _ order: IndexOrder, limit: Int, at: Int64
    ) async throws(RelayFailure) -> [IdentityRow] {
        let sql: String
        let place: (String, String?)
        switch order {
        case .key(let after): (sql, place) = (Self.identitiesByKey, (after, nil))
        case .time(.genesisAt, let after): (sql, place) = (Self.identitiesByGenesis, (after?.key ?? "", after?.rank))
        case .time(_, let after): (sql, place) = (Self.identitiesByHead, (after?.key ?? "", after?.rank))
        }
        let values: [Parameter] = [
            .text(query.did), .bool(query.hasPublicProfile), .text(query.nameContains.map(StoredText.encode)),
            .int8(at), .text(place.0), .text(place.1), .int8(Int64(limit)),
        ]
        return try await read { connection in
            try connection.query(sql, values).map { row in
                IdentityRow(
                    did: try row.text(0), headCID: try row.text(1), operationCount: try row.int4(2),
                    genesisAt: try row.text(3), headAt: try row.text(4), isDeleted: try row.bool(5),
                    profile: try row.textOrNil(6).map { anchor in
                        ProfileRow(
                            anchor: anchor, isPublic: try row.bool(7),
                            docSchema: try row.textOrNil(8).map(StoredText.decode),
                            name: try row.textOrNil(9).map(StoredText.decode))
                    })
            }
        }
    }

    /// Content chains, as of `at`, seconds since 1970.
    func indexContent(
        _ query: ContentQuery, _ order: IndexOrder, limit: Int, at: Int64
    ) async throws(RelayFailure) -> [ContentRow] {
        let sql: String
        let place: (String, String?)
        switch order {
        case .key(let after): (sql, place) = (Self.contentByKey, (after, nil))
        case .time(.genesisAt, let after): (sql, place) = (Self.contentByGenesis, (after?.key ?? "", after?.rank))
        case .time(_, let after): (sql, place) = (Self.contentByHead, (after?.key ?? "", after?.rank))
        }
        let values: [Parameter] = [
            .text(query.contentID), .text(query.creator), .text(query.signer),
            .text(query.docSchema.map(StoredText.encode)), .text(query.documentCID.map(StoredText.encode)),
            .bool(query.isPublic),
            .bool(query.isDeleted), .text(query.titleContains.map(StoredText.encode)), .int8(at), .text(place.0),
            .text(place.1), .int8(Int64(limit)),
        ]
        return try await read { try $0.query(sql, values).map(Self.contentRow) }
    }

    private static func contentRow(_ row: Row) throws -> ContentRow {
        ContentRow(
            contentID: try row.text(0), genesisCID: try row.text(1), headCID: try row.text(2),
            creatorDID: try row.text(3), isDeleted: try row.bool(4), operationCount: try row.int4(5),
            genesisAt: try row.text(6), headAt: try row.text(7),
            documentCID: try row.textOrNil(8).map(StoredText.decode),
            isPublic: try row.bool(9), docSchema: try row.textOrNil(10).map(StoredText.decode),
            title: try row.textOrNil(11).map(StoredText.decode))
    }
}
