import Foundation
import Kernel
import Logging
import PostgresClient
import Settlement
import Synchronization

/// Brings other processes' intents to the poster while this process holds the lease.
final class IntentReader: Sendable {
    private let bookID: Int64
    private let poster: PosterThread
    private let logger: Logger
    /// When each intent that still lies there was handed to the poster.
    private let handed = Mutex<[String: ContinuousClock.Instant]>([:])

    /// Longest wait for a notification; also how late an intent is seen whose notification was lost.
    private static let waitSeconds = 0.25
    /// Intents read at once.
    private static let readMax: Int64 = 500
    /// An intent that was handed to the poster is handed over again after this long: deciding it twice does no harm.
    private static let againSeconds = 5.0

    init(bookID: Int64, poster: PosterThread, logger: Logger) {
        self.bookID = bookID
        self.poster = poster
        self.logger = logger
    }

    /// What calls it.
    func listener(_ database: PostgresConfiguration) -> ChannelListener {
        ChannelListener(database, channel: Forwarder.channel, waitSeconds: Self.waitSeconds, logger: logger) {
            connection, _ in
            try self.handed.withLock { handed in
                if self.poster.isLeading { try self.read(connection, &handed) } else { handed.removeAll() }
            }
        }
    }

    private func read(_ connection: Connection, _ handed: inout [String: ContinuousClock.Instant]) throws {
        let rows = try connection.query(Self.select, [.int8(bookID), .int8(Self.readMax)])
        let now = ContinuousClock.now
        var seen: [String: ContinuousClock.Instant] = [:]
        for row in rows {
            let id = try row.text(0)
            if let when = handed[id], now - when < .seconds(Self.againSeconds) {
                seen[id] = when
                continue
            }
            guard let intent = try? JSONDecoder().decode(Intent.self, from: Data(try row.bytea(1))),
                !intent.commands.isEmpty
            else {
                // Made by another version: whoever made it is told so when its wait is over; nothing else is held up.
                logger.error("an intent cannot be read and is left to expire", metadata: ["intent": "\(id)"])
                continue
            }
            let submission = Submission(
                ticket: 0, commands: intent.commands, isAtomic: intent.isAtomic, intentID: id)
            if poster.queue.offer(submission) { seen[id] = now }
        }
        handed = seen
    }

    private static let select = Statement(
        "read_intents",
        """
        SELECT intent_id, commands FROM intents
        WHERE book_id = $1 AND made_at > now() - interval '1 minute' ORDER BY made_at LIMIT $2
        """)
}
