import Foundation
import Logging
import PostgresClient
import Synchronization

/// Does some work whenever a channel is notified, and at least every so often, on a thread and a connection of its own.
///
/// A connection that fails is replaced, and what failed is done again at the next turn.
final class ChannelListener: Sendable {
    typealias Work = @Sendable (Connection, PostgresClient.Notification?) throws -> Void

    private let database: PostgresConfiguration
    private let channel: String
    private let waitSeconds: Double
    private let logger: Logger
    private let work: Work
    private let isStopping = Atomic<Bool>(false)

    /// - Parameters:
    ///   - waitSeconds: longest wait for a notification; also how late the work is when one was lost.
    ///   - work: gets the notification, or none when the time passed.
    init(
        _ database: PostgresConfiguration, channel: String, waitSeconds: Double, logger: Logger, work: @escaping Work
    ) {
        self.database = database
        self.channel = channel
        self.waitSeconds = waitSeconds
        self.logger = logger
        self.work = work
    }

    func start(name: String) -> DedicatedThread { DedicatedThread.spawn(name: name) { self.run() } }

    /// Ends the thread at its next turn.
    func stop() { isStopping.store(true, ordering: .relaxed) }

    private func run() {
        var connection: Connection?
        while !isStopping.load(ordering: .relaxed) {
            do {
                let live: Connection
                if let known = connection, known.isUsable {
                    live = known
                } else {
                    live = try Connection.connect(database)
                    try live.listen(channel)
                    connection = live
                }
                try work(live, try live.waitForNotification(timeoutSeconds: waitSeconds))
            } catch {
                connection?.close()
                connection = nil
                logger.debug("work on \(channel) failed", metadata: ["reason": "\(error)"])
                Thread.sleep(forTimeInterval: waitSeconds)
            }
        }
        connection?.close()
    }
}
