import PostgresClient

/// An operation as it is served.
struct OperationRecord: Sendable {
    let cid: String
    let token: String
    let kind: String
    let chainID: String
}

/// One row of a log.
struct LogRow: Sendable {
    let cid: String
    let token: String
    let kind: String
    let chainID: String
}

/// A page of a log.
struct LogPage: Sendable {
    let rows: [LogRow]
    /// The CID to go on after; nil when the log is read to its end.
    let next: String?
}

/// What became of asking for a page.
enum PageResult<Page: Sendable>: Sendable {
    case page(Page)
    /// The cursor is none of this log's.
    case cursorUnknown
    /// There is no such log.
    case unknown
}

extension RelayStore {
    /// The operation of a CID.
    func operation(_ cid: String) async throws(RelayFailure) -> OperationRecord? {
        try await read { connection in
            try connection.query(Self.selectOperation, [.text(cid)]).first.map { row in
                OperationRecord(
                    cid: try row.text(0), token: try row.text(1), kind: try row.text(2), chainID: try row.text(3))
            }
        }
    }

    /// A page of everything in the order of ingestion.
    func log(_ page: PageRequest) async throws(RelayFailure) -> PageResult<LogPage> {
        try await read { connection in
            var position: Int64 = 0
            if let after = page.after {
                guard let row = try connection.query(Self.selectPosition, [.text(after)]).first else {
                    return .cursorUnknown
                }
                position = try row.int8(0)
            }
            return .page(
                try Self.logPage(
                    connection.query(
                        Self.selectLog, [.int8(position), .int8(Int64(page.limit)), .int8(RelayLimits.pageBytes)]),
                    page))
        }
    }

    /// A page of one chain's operations in the order of ingestion; of a content chain, all its branches.
    func chainLog(kind: String, chainID: String, _ page: PageRequest) async throws(RelayFailure) -> PageResult<LogPage>
    {
        try await read { connection in
            let chain: [Parameter] = [.text(chainID), .text(kind)]
            guard try connection.query(Self.selectChain, chain).count > 0 else { return .unknown }
            var position: Int64 = 0
            if let after = page.after {
                guard let row = try connection.query(Self.selectChainPosition, chain + [.text(after)]).first else {
                    return .cursorUnknown
                }
                position = try row.int8(0)
            }
            let rows = try connection.query(
                Self.selectChainLog,
                chain + [.int8(position), .int8(Int64(page.limit)), .int8(RelayLimits.pageBytes)])
            return .page(try Self.logPage(rows, page))
        }
    }

    private static func logPage(_ rows: Rows, _ page: PageRequest) throws -> LogPage {
        let entries = try rows.map { row in
            LogRow(cid: try row.text(0), token: try row.text(1), kind: try row.text(2), chainID: try row.text(3))
        }
        // A page that the bytes ended is not the last one either.
        let isCut = try rows.first.map { try $0.int8(4) > Int64(entries.count) } ?? false
        return LogPage(rows: entries, next: isCut || entries.count == page.limit ? entries.last?.cid : nil)
    }

    private static let selectOperation = Statement(
        "registry_operation", "SELECT cid, token, kind, chain_id FROM operations WHERE cid = $1")
    private static let selectPosition = Statement(
        "registry_position", "SELECT position FROM operations WHERE cid = $1")
    private static let selectChain = Statement(
        "registry_chain", "SELECT 1 FROM operations WHERE chain_id = $1 AND kind = $2 LIMIT 1")
    private static let selectChainPosition = Statement(
        "registry_chain_position",
        "SELECT position FROM operations WHERE cid = $3 AND chain_id = $1 AND kind = $2")
    private static let selectLog = Statement(
        "registry_log",
        """
        SELECT cid, token, kind, chain_id, row_count FROM (
            SELECT *, sum(octet_length(token)) OVER (ORDER BY position) - octet_length(token) AS bytes_before,
                count(*) OVER () AS row_count
            FROM (SELECT * FROM operations WHERE position > $1 ORDER BY position LIMIT $2) AS page) AS sized
        WHERE bytes_before < $3 ORDER BY position
        """)
    private static let selectChainLog = Statement(
        "registry_chain_log",
        """
        SELECT cid, token, kind, chain_id, row_count FROM (
            SELECT *, sum(octet_length(token)) OVER (ORDER BY position) - octet_length(token) AS bytes_before,
                count(*) OVER () AS row_count
            FROM (SELECT * FROM operations WHERE chain_id = $1 AND kind = $2 AND position > $3
                  ORDER BY position LIMIT $4) AS page) AS sized
        WHERE bytes_before < $5 ORDER BY position
        """)
}
