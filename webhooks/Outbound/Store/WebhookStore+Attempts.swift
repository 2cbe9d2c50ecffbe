import Cryptography
import PostgresClient

/// A delivery that a worker has taken, for the time of one attempt.
struct ClaimedDelivery: Sendable {
    let id: String
    let endpointID: String
    let owner: String
    let url: String
    let body: [UInt8]
    /// Attempts before this one.
    let attempts: Int
    /// Whether its endpoint's last attempt failed.
    let isFailing: Bool
    /// All that sign now, newest first.
    let secrets: [WebhookSecret]
}

/// How an attempt ended, to be written.
struct AttemptRecord: Sendable {
    let deliveryID: String
    let endpointID: String
    /// The claim under which it was made.
    let claim: String
    let attempt: DeliveryMachine.Attempt
    /// Attempts, this one included.
    let attempts: Int
    let excerpt: String
    let endedAtMs: Int64
    let jitterPermille: Int64
}

extension WebhookStore {
    /// How long a worker has for an attempt it claimed: four times an answer's limit. Afterwards somebody else makes it
    /// again.
    static let claimMs: Int64 = DeliveryMachine.answerSecondsMax * 4 * 1000

    /// Takes deliveries that are due, of each endpoint the oldest first, without waiting for rows that others hold.
    /// - Parameters:
    ///   - claim: names the taking, new each time.
    ///   - slots: what is under way here already.
    func claim(
        _ claim: String, slots: DeliverySlots, nowMs: Int64
    ) async throws(PostgresError) -> [ClaimedDelivery] {
        let bookID = bookID
        let (healthy, failing) = (slots.freeHealthy, slots.freeFailing)
        guard healthy > 0 || failing > 0 else { return [] }
        let endpoints = Array(slots.underWay)
        return try await relaxedTransaction { connection in
            var claimed: [ClaimedDelivery] = []
            for (isFailing, limit, each) in [
                (false, healthy, DeliverySlots.perEndpoint), (true, failing, DeliverySlots.perFailingEndpoint),
            ] where limit > 0 {
                let rows = try connection.query(
                    Self.claimDue,
                    [
                        .int8(bookID), .bool(isFailing), .int8(nowMs), .texts(endpoints.map(\.key)),
                        .int8s(endpoints.map { Int64($0.value) }), .int8(Int64(each)), .int8(Int64(limit)),
                        .text(claim), .int8(nowMs + Self.claimMs),
                    ])
                claimed += try Self.claimed(rows, bookID, isFailing: isFailing, nowMs: nowMs, on: connection)
            }
            return claimed
        }
    }

    private static func claimed(
        _ rows: Rows, _ bookID: Int64, isFailing: Bool, nowMs: Int64, on connection: Connection
    ) throws -> [ClaimedDelivery] {
        let endpoints = try Set(rows.map { try $0.text(1) })
        guard !endpoints.isEmpty else { return [] }
        let secrets = try secrets(of: Array(endpoints), bookID, nowMs: nowMs, on: connection)
        let claimed = try rows.map { row in
            let endpoint = try row.text(1)
            let delivery = ClaimedDelivery(
                id: try row.text(0), endpointID: endpoint, owner: try row.text(2), url: try row.text(3),
                body: try row.bytea(4), attempts: Int(try row.int4(5)), isFailing: isFailing,
                secrets: secrets[endpoint] ?? [])
            return (seq: try row.int8(6), delivery)
        }
        // An UPDATE returns rows in no order.
        return claimed.sorted { $0.seq < $1.seq }.map(\.1)
    }

    /// Writes how an attempt ended, and what follows for its endpoint. Nothing happens where the claim was lost: what
    /// somebody else does with the delivery counts.
    /// - Returns: why the endpoint was disabled by it.
    func record(_ record: AttemptRecord) async throws(PostgresError) -> WebhookEndpoint.DisabledReason? {
        let bookID = bookID
        return try await relaxedTransaction { connection in
            guard let row = try connection.query(Self.lockEndpoint, [.int8(bookID), .text(record.endpointID)]).first
            else { return nil }
            let health = DeliveryMachine.Health(failures: try row.int8(1), failingSinceMs: try row.int8OrNil(2))
            let (after, disabled) = DeliveryMachine.health(health, after: record.attempt, nowMs: record.endedAtMs)
            guard try write(record, bookID, on: connection) else { return nil }
            if after != health {
                try connection.query(
                    Self.setHealth,
                    [
                        .int8(bookID), .text(record.endpointID), .int8(after.failures), .int8(after.failingSinceMs),
                    ])
            }
            if DeliveryMachine.isRecovery(from: health, to: after, nowMs: record.endedAtMs) {
                try connection.query(
                    Self.wakeDeliveries, [.int8(bookID), .text(record.endpointID), .int8(record.endedAtMs)])
            }
            guard let disabled else { return nil }
            let wasEnabled = try EndpointDisabling(bookID: bookID, nowMs: record.endedAtMs)
                .disable(record.endpointID, disabled, on: connection)
            return wasEnabled ? disabled : nil
        }
    }

    private func write(_ record: AttemptRecord, _ bookID: Int64, on connection: Connection) throws -> Bool {
        let verdict = DeliveryMachine.verdict(
            on: record.attempt, attempts: record.attempts, nowMs: record.endedAtMs,
            jitterPermille: record.jitterPermille)
        let status: WebhookDelivery.Status
        var nextAtMs = record.endedAtMs
        switch verdict {
        case .delivered: status = .delivered
        case .failed: status = .failed
        case .retry(let atMs):
            status = .pending
            nextAtMs = atMs
        }
        var (answer, error): (Int32?, String?)
        switch record.attempt {
        case .answered(let code): answer = Int32(truncatingIfNeeded: code)
        case .failed(let code): error = code
        }
        return try connection.query(
            Self.recordAttempt,
            [
                .int8(bookID), .text(record.deliveryID), .text(record.claim), .text(status.rawValue),
                .int4(Int32(truncatingIfNeeded: record.attempts)), .int8(nextAtMs), .int8(record.endedAtMs),
                .int4(answer), .text(error), .text(record.excerpt),
                .int8(status == .pending ? nil : record.endedAtMs),
            ]
        ).affected == 1
    }

    /// Gives back what was claimed and not tried: it is due again at once.
    func release(_ id: String, claim: String, nowMs: Int64) async throws(PostgresError) {
        let bookID = bookID
        try await run { connection in
            _ = try connection.query(
                Self.releaseDelivery, [.int8(bookID), .text(id), .text(claim), .int8(nowMs)])
        }
    }

    /// Disables the endpoint of an owner who may no longer call. Its deliveries wait.
    func disableOwnerless(_ endpointID: String, nowMs: Int64) async throws(PostgresError) {
        let bookID = bookID
        try await transaction { connection in
            _ = try EndpointDisabling(bookID: bookID, nowMs: nowMs)
                .disable(endpointID, .ownerNotAllowed, on: connection)
        }
    }
}
