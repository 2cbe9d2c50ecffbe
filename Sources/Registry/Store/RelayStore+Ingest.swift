import PostgresClient

/// What an ingestion did, besides its results.
public struct IngestOutcome: Sendable {
    /// One for each submission, in order.
    public let results: [IngestResult]
    /// The tokens that are new in the log, those that had been waiting among them.
    public let newTokens: [String]
    /// Operations that were dropped from the pool to make room.
    public let dropped: Int
    /// Operations that wait now.
    public let waiting: Int64
}

/// Bounds of the pool of waiting operations.
struct PendingBounds: Sendable {
    let operations: Int64
    let bytes: Int64
}

extension RelayStore {
    /// Decides and writes a batch in one transaction, and tries again what waited for it.
    func ingest(
        _ submissions: [Submission], bounds: PendingBounds, nowMs: Int64
    ) async throws(RelayFailure) -> IngestOutcome {
        let query = FactQuery(submissions)
        return try await write { connection in
            _ = try connection.query(Self.lock).one()
            var sequencer = Sequencer(Ingestion(facts: RelayFacts(), nowMs: nowMs))
            var results = sequencer.ingest(submissions, facts: try Self.facts(query, on: connection))
            let later = try Self.sequence(&sequencer, on: connection)
            // What was resolved within this batch is answered as what it became.
            for (index, submission) in submissions.enumerated() where results[index].isDependencyMissing {
                if let result = later[submission.tokenHash] { results[index] = result }
            }
            return try Self.finish(sequencer, results, bounds, nowMs, on: connection)
        }
    }

    /// Tries the waiting operations that come after a place in their order, oldest first; what arrived by a way that
    /// nothing waited on, or beyond a batch's bounds, is found so. Drops those that have waited too long.
    ///
    /// - Returns: the outcome, and the place to go on after; nil when all have been tried.
    func sweep(
        after sequence: Int64, bounds: PendingBounds, nowMs: Int64
    ) async throws(RelayFailure) -> (outcome: IngestOutcome, next: Int64?) {
        try await write { connection in
            _ = try connection.query(Self.lock).one()
            try Self.expire(nowMs, on: connection)
            var sequencer = Sequencer(Ingestion(facts: RelayFacts(), nowMs: nowMs))
            let rows = try connection.query(
                Self.selectOldest, [.int8(sequence), .int8(RelayLimits.sweepOperations)])
            let submissions = try rows.map(Self.submission)
            let last = try rows.count == Int(RelayLimits.sweepOperations) ? rows[rows.count - 1].int8(2) : nil
            _ = sequencer.retry(submissions, facts: try Self.facts(FactQuery(submissions), on: connection))
            _ = try Self.sequence(&sequencer, on: connection)
            return (try Self.finish(sequencer, [], bounds, nowMs, on: connection), last)
        }
    }

    /// Rounds to the fixed point; returns the last result of each token that was tried.
    private static func sequence(
        _ sequencer: inout Sequencer, on connection: Connection
    ) throws -> [[UInt8]: IngestResult] {
        var results: [[UInt8]: IngestResult] = [:]
        while true {
            let keys = sequencer.arrived()
            guard !keys.isEmpty else { return results }
            let rows = try connection.query(selectWaiting, [.texts(keys), .int8(Int64(sequencer.room))])
            // Those that this transaction settled already are in the table still.
            let changes = sequencer.ingestion.changes
            var submissions = try rows.map(submission).filter { !changes.settled.contains($0.tokenHash) }
            let stored = Set(submissions.map(\.tokenHash))
            submissions += sequencer.waiting(for: keys).filter { !stored.contains($0.tokenHash) }
            guard !submissions.isEmpty else { continue }
            let facts = try facts(FactQuery(submissions), on: connection)
            results.merge(sequencer.retry(submissions, facts: facts)) { _, last in last }
        }
    }

    private static func finish(
        _ sequencer: Sequencer, _ results: [IngestResult], _ bounds: PendingBounds, _ nowMs: Int64,
        on connection: Connection
    ) throws -> IngestOutcome {
        let ingestion = sequencer.ingestion
        try apply(ingestion.changes, ingestion.facts, nowMs: nowMs, on: connection)
        let dropped = try keepWaiting(ingestion.changes, bounds, nowMs: nowMs, on: connection)
        let waiting = try connection.query(selectPendingCount).one().int8(0)
        return IngestOutcome(
            results: results, newTokens: ingestion.changes.entries.map(\.token), dropped: dropped, waiting: waiting)
    }

    private static func submission(_ row: Row) throws -> Submission {
        Submission(try row.text(0), from: try row.bool(1) ? .client : .peer)
    }

    private static let selectWaiting = Statement(
        "registry_waiting",
        """
        SELECT token, is_direct, sequence FROM pending WHERE waits_for = ANY ($1) ORDER BY sequence LIMIT $2
        """)
    private static let selectOldest = Statement(
        "registry_oldest",
        "SELECT token, is_direct, sequence FROM pending WHERE sequence > $1 ORDER BY sequence LIMIT $2")
    private static let selectPendingCount = Statement(
        "registry_pending_count", "SELECT pending_ops FROM relay WHERE id = 1")
}
