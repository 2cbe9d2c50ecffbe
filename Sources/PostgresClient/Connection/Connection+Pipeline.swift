import CPostgres

extension Connection {
    /// Sends several statements without waiting for each, and commits them as one transaction: all or none.
    ///
    /// The transaction is implicit (one Sync ends it), so there is no BEGIN and no COMMIT to wait for. Inside an open
    /// transaction the statements become part of that one instead.
    /// - Returns: the statements' results, in the order of their sending.
    /// - Throws: the first failure, with the statement's name; everything was rolled back then, and the connection is
    ///   usable, unless `outcomeUnknown` is set: the answer to the commit was lost or in doubt. What the body throws
    ///   is thrown on, after a rollback.
    @discardableResult
    public func pipeline(
        timeoutSeconds: Double? = nil, _ body: (inout Pipeline) throws -> Void
    ) throws -> [Rows] {
        var exchange = try begin(nil, sql: "", timeoutSeconds: timeoutSeconds)
        exchange.risk = isInTransaction ? .none : .commit
        guard let handle, PQenterPipelineMode(handle) == 1 else { throw sendFailure(exchange) }
        isBusy = true
        defer { leavePipeline() }
        var pipeline = Pipeline(connection: self, exchange: exchange)
        do {
            try body(&pipeline)
        } catch {
            abandon(pipeline)
            throw error
        }
        return try drain(&pipeline)
    }

    private func leavePipeline() {
        isBusy = false
        // Fails only when answers are outstanding, which is so after a failure to drain: the state is unknown then.
        if let handle, PQexitPipelineMode(handle) != 1 { close() }
    }

    /// Rolls back what a body had sent when it threw. An open transaction is left to its owner, who must roll back.
    private func abandon(_ pipeline: Pipeline) {
        guard let handle, PQstatus(handle) == CONNECTION_OK, !pipeline.steps.isEmpty else { return }
        // A statement that always fails makes the Sync behind it roll back.
        guard PQsendQueryParams(handle, "ROLLBACK PIPELINE", 0, nil, nil, nil, nil, 1) == 1 else { return close() }
        var rest = pipeline
        rest.steps.append(.query(nil))
        rest.exchange.risk = .none
        rest.exchange.isInterruptible = false
        rest.exchange.deadline = .after(seconds: Self.rollbackSeconds)
        do throws(PostgresError) {
            _ = try drain(&rest)
        } catch {
            if error.kind != .server { close() }
        }
    }

    /// Sends the Sync and takes all answers up to its own.
    private func drain(_ pipeline: inout Pipeline) throws(PostgresError) -> [Rows] {
        guard let handle else { throw lostError(pipeline.exchange) }
        guard PQpipelineSync(handle) == 1 else {
            close()
            throw lostError(pipeline.exchange)
        }
        try flush(&pipeline.exchange)
        var results: [Rows] = []
        results.reserveCapacity(pipeline.steps.count)
        var answered = 0
        var isSynced = false
        // Each step is answered by its results and a nil; the Sync by one result of its own.
        while !isSynced, self.handle != nil {
            guard let result = try nextResult(&pipeline.exchange) else {
                answered += 1
                // A failure of the commit itself is answered, with a nil, behind the last step and before the Sync.
                if pipeline.exchange.isLost || answered > pipeline.steps.count + 1 { break }
                continue
            }
            isSynced = take(result, step: answered, &pipeline, &results)
        }
        if !isSynced { pipeline.exchange.isLost = true }
        if let failure = pipeline.exchange.failure { forgetStale(failure, failure.statement) }
        try finish(&pipeline.exchange)
        precondition(results.count == pipeline.queries, "a pipeline's answers do not match its statements")
        return results
    }

    /// Takes one answer; returns whether it was the Sync's.
    private func take(
        _ result: OpaquePointer, step: Int, _ pipeline: inout Pipeline, _ results: inout [Rows]
    ) -> Bool {
        let current = step < pipeline.steps.count ? pipeline.steps[step] : nil
        switch PQresultStatus(result) {
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            return true
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            if case .prepare(let statement, let name, let types) = current {
                PQclear(result)
                prepared[statement.name] = PreparedStatement(serverName: name, sql: statement.sql, types: types)
            } else {
                results.append(Rows(result))
            }
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)  // A consequence of the failure that was recorded before it.
        default:
            pipeline.exchange.statement = current.flatMap(\.name)
            absorb(result, into: &pipeline.exchange, atCommit: current == nil)
        }
        return false
    }
}

extension Pipeline {
    /// The number of statements whose results the caller awaits.
    var queries: Int {
        steps.reduce(0) { count, step in
            if case .query = step { count + 1 } else { count }
        }
    }
}

extension Pipeline.Step {
    var name: String? {
        switch self {
        case .prepare(let statement, _, _): statement.name
        case .query(let name): name
        }
    }
}
