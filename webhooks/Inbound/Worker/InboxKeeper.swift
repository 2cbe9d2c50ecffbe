public import Logging
import Synchronization

/// Counts what waits in an inbox, so that somebody hears of it, and deletes what is long done.
///
/// Any number of processes may keep one inbox.
public struct InboxKeeper: Sendable {
    /// Shortest time that handled events are kept: their sender and the sweep can bring them again for 30 days, and
    /// what was deleted would be handled anew.
    public static let keepDaysMin = 35
    /// Between two counts.
    static let countPause = Duration.seconds(15)
    /// Counts between two deletions: an hour.
    static let pruneEvery = 240
    /// Deletions of one turn, each of ``Inbox/pruneMax`` events: a backlog is worked off over several.
    static let prunesMax = 50

    private let inbox: Inbox
    private let keepMs: Int64
    private let logger: Logger
    private let counted: @Sendable ([InboxCount]) -> Void

    /// A keeper.
    /// - Parameters:
    ///   - keepDays: how long handled events are kept; at least ``keepDaysMin``.
    ///   - counted: told of every event that is not at its end, by status, some times a minute.
    public init(inbox: Inbox, keepDays: Int, logger: Logger, counted: @escaping @Sendable ([InboxCount]) -> Void) {
        precondition(keepDays >= Self.keepDaysMin, "events would be handled twice")
        self.inbox = inbox
        keepMs = Int64(keepDays) * 86_400_000
        self.logger = logger
        self.counted = counted
    }

    /// Keeps it until the task is cancelled.
    public func run() async {
        var turn = 0
        while !Task.isCancelled {
            do {
                counted(try await inbox.counts())
                if turn % Self.pruneEvery == 0 { try await prune() }
            } catch {
                if !Task.isCancelled { logger.warning("the inbox cannot be read", metadata: ["reason": "\(error)"]) }
            }
            turn += 1
            try? await Task.sleep(for: Self.countPause)
        }
    }

    /// Deletes what was handled and is older than it is kept.
    /// - Returns: how many events.
    @discardableResult
    public func prune() async throws -> Int {
        var deleted = 0
        for _ in 0..<Self.prunesMax {
            let now = try await inbox.prune(receivedBeforeMs: inbox.clock() - keepMs)
            deleted += now
            if now < Inbox.pruneMax { break }
        }
        if deleted > 0 { logger.info("handled webhooks were deleted", metadata: ["count": "\(deleted)"]) }
        return deleted
    }
}
