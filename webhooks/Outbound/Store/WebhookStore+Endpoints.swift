public import Cryptography
public import PostgresClient

/// What an endpoint begins with.
public struct NewEndpoint: Sendable {
    /// `whe_…`, new.
    public let id: String
    /// Whose it is.
    public let owner: DID
    /// Judged already.
    public let url: String
    /// What it is told of.
    public let subscriptions: [EventSubscription]
    /// Its first secret.
    public let secret: WebhookSecret

    /// Groups the parts.
    public init(id: String, owner: DID, url: String, subscriptions: [EventSubscription], secret: WebhookSecret) {
        self.id = id
        self.owner = owner
        self.url = url
        self.subscriptions = subscriptions
        self.secret = secret
    }
}

/// What changes of an endpoint; what is nil stays.
public struct EndpointChange: Sendable {
    /// Judged already.
    public var url: String?
    /// What it is told of from now on.
    public var subscriptions: [EventSubscription]?
    /// Whether deliveries go out.
    public var status: WebhookEndpoint.Status?

    /// A change.
    public init(
        url: String? = nil, subscriptions: [EventSubscription]? = nil, status: WebhookEndpoint.Status? = nil
    ) {
        self.url = url
        self.subscriptions = subscriptions
        self.status = status
    }
}

/// What became of a registration or change.
public enum EndpointResult: Hashable, Sendable {
    /// It is so now.
    case done(WebhookEndpoint)
    /// No such endpoint of that owner.
    case unknown
    /// The owner has another endpoint with this URL.
    case exists(id: String)
    /// The owner has ``WebhookEndpoint/perOwnerMax``.
    case tooMany
}

extension WebhookStore {
    /// Registers an endpoint. It is told of every entry after the book's head of this moment.
    public func create(_ new: NewEndpoint, nowMs: Int64) async throws(PostgresError) -> EndpointResult {
        let bookID = bookID
        return try await transaction { connection in
            // Also keeps two registrations of one owner apart.
            _ = try Self.lockCursor(bookID, nowMs: nowMs, on: connection)
            let others = try connection.query(Self.endpointsOf, [.int8(bookID), .text(new.owner.string)])
            for row in others where try row.text(2) == new.url { return .exists(id: try row.text(0)) }
            guard others.count < WebhookEndpoint.perOwnerMax else { return .tooMany }
            let head = try connection.query(Self.head, [.int8(bookID)]).one().int8(0)
            try connection.query(
                Self.insertEndpoint,
                [
                    .int8(bookID), .text(new.id), .text(new.owner.string), .text(new.url),
                    .text(EventSubscription.stored(new.subscriptions)), .int8(head), .int8(nowMs),
                ])
            try connection.query(
                Self.insertSecret, [.int8(bookID), .text(new.id), .int8(1), .bytea(new.secret.bytes)])
            return .done(try Self.endpoint(new.id, bookID, on: connection) ?? Self.missing())
        }
    }

    /// An owner's endpoints, or everybody's, oldest first.
    public func endpoints(of owner: DID?) async throws(PostgresError) -> [WebhookEndpoint] {
        let bookID = bookID
        return try await run { connection in
            let rows =
                try owner.map { try connection.query(Self.endpointsOf, [.int8(bookID), .text($0.string)]) }
                ?? connection.query(Self.allEndpoints, [.int8(bookID)])
            return try rows.map(WebhookEndpoint.init)
        }
    }

    /// An endpoint; nil where there is none of that owner. An owner of nil: whoever's it is.
    public func endpoint(_ id: String, of owner: DID?) async throws(PostgresError) -> WebhookEndpoint? {
        let bookID = bookID
        return try await run { connection in
            let endpoint = try Self.endpoint(id, bookID, on: connection)
            return owner == nil || endpoint?.owner == owner ? endpoint : nil
        }
    }

    /// Changes an endpoint. Enabling it lets what waited go out, and writes what it missed.
    /// - Parameter actor: who decided, for the audit log.
    public func update(
        _ id: String, of owner: DID?, _ change: EndpointChange, actor: String, nowMs: Int64
    ) async throws(PostgresError) -> EndpointResult {
        let bookID = bookID
        return try await transaction { connection in
            _ = try Self.lockCursor(bookID, nowMs: nowMs, on: connection)
            guard let before = try Self.endpoint(id, bookID, on: connection), owner == nil || before.owner == owner
            else { return .unknown }
            if let url = change.url, url != before.url {
                let others = try connection.query(Self.endpointsOf, [.int8(bookID), .text(before.owner.string)])
                for row in others where try row.text(2) == url { return .exists(id: try row.text(0)) }
            }
            try connection.query(
                Self.changeEndpoint,
                [
                    .int8(bookID), .text(id), .text(change.url ?? before.url),
                    .text(EventSubscription.stored(change.subscriptions ?? before.subscriptions)), .int8(nowMs),
                ])
            switch change.status {
            case .disabled?:
                try EndpointDisabling(bookID: bookID, nowMs: nowMs, actor: actor)
                    .disable(id, .requested, on: connection)
            case .enabled? where before.status == .disabled:
                try Self.enable(id, bookID, actor: actor, nowMs: nowMs, on: connection)
            default: break
            }
            return .done(try Self.endpoint(id, bookID, on: connection) ?? Self.missing())
        }
    }

    private static func enable(
        _ id: String, _ bookID: Int64, actor: String, nowMs: Int64, on connection: Connection
    ) throws {
        try connection.query(enableEndpoint, [.int8(bookID), .text(id), .int8(nowMs)])
        try connection.query(wakeDeliveries, [.int8(bookID), .text(id), .int8(nowMs)])
        try connection.query(
            EndpointDisabling.audit,
            [
                .int8(bookID), .text("webhook-\(id)-enabled-\(nowMs)"), .int8(nowMs), .text(actor),
                .text("webhook_enabled"), .text(id), .text(""),
            ])
    }

    /// Removes an endpoint with its secrets and all its deliveries.
    /// - Returns: whether there was one.
    public func delete(_ id: String, of owner: DID?) async throws(PostgresError) -> Bool {
        let bookID = bookID
        return try await transaction { connection in
            guard let found = try Self.endpoint(id, bookID, on: connection), owner == nil || found.owner == owner
            else { return false }
            for statement in [Self.deleteEndpoint, Self.deleteSecrets, Self.deleteDeliveries] {
                try connection.query(statement, [.int8(bookID), .text(id)])
            }
            return true
        }
    }

    static func endpoint(_ id: String, _ bookID: Int64, on connection: Connection) throws -> WebhookEndpoint? {
        try connection.query(oneEndpoint, [.int8(bookID), .text(id)]).first.map(WebhookEndpoint.init)
    }

    private static func missing() throws -> WebhookEndpoint {
        throw PostgresError(.decoding, "a webhook endpoint is gone that was written just now")
    }
}

extension WebhookEndpoint {
    /// The columns of the statements below.
    init(_ row: Row) throws {
        guard let status = Status(rawValue: try row.text(4)) else {
            throw PostgresError(.decoding, "the status of a webhook endpoint is unknown to this version")
        }
        self.init(
            id: try row.text(0), owner: try DID(row.text(1)), url: try row.text(2),
            subscriptions: EventSubscription.list(stored: try row.text(3)), status: status,
            disabledReason: try row.textOrNil(5).flatMap(DisabledReason.init), failures: try row.int8(6),
            failingSinceMs: try row.int8OrNil(7), createdAtMs: try row.int8(8), updatedAtMs: try row.int8(9))
    }
}
