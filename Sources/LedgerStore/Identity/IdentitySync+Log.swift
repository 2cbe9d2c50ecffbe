import Logging
import ProofChain
import Settlement
import Synchronization

extension IdentitySync {
    /// Reads the log behind the cursor to its end, page by page.
    /// - Returns: why it did not come to the end; nil when it did.
    func readLog(_ log: any RelayLog) async throws(LedgerFailure) -> String? {
        var walk = Walk()
        let relay: String
        do throws(RelayLogFailure) { relay = try await log.identity() } catch { return Walk.reason(of: error) }
        while walk.pages < Self.pagesMax {
            walk.pages += 1
            guard let cursor = try await parts.store.identityCursor(), cursor.relay == relay else {
                try await restart(relay, isReread: false)
                continue
            }
            if cursor.reread == nil, !walk.isReading, cursor.syncedAtMs > parts.clock() - pauseMs { return nil }
            walk.isReading = true
            let askedAtMs = parts.clock()
            let page: RelayLogPage
            do throws(RelayLogFailure) {
                page = try await log.page(after: cursor.cursor.isEmpty ? nil : cursor.cursor, limit: walk.limit)
            } catch {
                switch try await walk.next(
                    after: error,
                    { () async throws(LedgerFailure) in
                        try await self.restart(relay, isReread: true)
                    })
                {
                case nil: continue
                case .some(let trouble): return trouble
                }
            }
            switch try await take(page, cursor, askedAtMs) {
            case .taken: if page.next == nil { return nil }
            case .lost: break
            case .refused(let refusal): return refusal.reason
            }
        }
        return "the log has no end after \(Self.pagesMax) pages; the next round goes on"
    }

    private func restart(_ relay: String, isReread: Bool) async throws(LedgerFailure) {
        let cursor = try await parts.store.identityCursor()
        try await parts.store.restartMirror(relay: relay, isReread: isReread, expected: cursor)
    }

    private func take(
        _ page: RelayLogPage, _ cursor: IdentityCursor, _ askedAtMs: Int64
    ) async throws(LedgerFailure) -> PostgresLedgerStore.MirrorStep {
        let read = MirrorPage(page, after: cursor.position)
        let time = ReadingTime(
            seenAtMs: parts.clock(), completeAtMs: cursor.syncedAtMs, maxAgeMs: parts.maxAgeMs)
        let step = try await parts.store.takeMirrorPage(
            read, cursor: page.next ?? page.entries.last?.cid ?? cursor.cursor, expected: cursor, time: time,
            askedAtMs: askedAtMs, isLast: page.next == nil)
        if case .taken(let changes) = step { tell(changes) }
        return step
    }

    /// Tells the operator of entries that were passed over, and of chains that stand still because of one.
    private func tell(_ changes: MirrorChanges) {
        if changes.skipped > 0 {
            skipped.wrappingAdd(changes.skipped, ordering: .relaxed)
            parts.logger.warning(
                "entries of the relay's log are passed over: no operations, or of unknown identities",
                metadata: ["count": "\(changes.skipped)"])
        }
        for (identity, code) in changes.broken.prefix(Self.brokenToldMax) {
            parts.logger.error(
                "an operation does not follow from its identity chain; nobody signs for the DID that it binds",
                metadata: ["chain": .string(identity.string), "reason": .string(code)])
        }
    }

    /// Broken chains of one page that are told one by one; the metric counts all.
    private static let brokenToldMax = 10

    /// How far a round is.
    private struct Walk {
        var pages = 0
        var limit = IdentitySync.pageEntries
        var isReading = false
        private var wasRestarted = false

        /// What a failure means: nil to go on, else why the round ends.
        mutating func next(
            after failure: RelayLogFailure, _ restart: () async throws(LedgerFailure) -> Void
        ) async throws(LedgerFailure) -> String? {
            switch failure {
            case .cursorUnknown:
                // Once in a round: a relay that forgets while it is being read is not read.
                guard !wasRestarted else { return "the relay does not know where reading stopped, again" }
                wasRestarted = true
                try await restart()
                return nil
            case .pageTooLarge:
                guard limit > 1 else { return "an entry of the log is larger than what is read at once" }
                limit = max(1, limit / 8)
                return nil
            case .unreachable, .malformed: return Self.reason(of: failure)
            }
        }

        static func reason(of failure: RelayLogFailure) -> String {
            switch failure {
            case .cursorUnknown: "the relay does not know where reading stopped"
            case .pageTooLarge: "the relay's answer is larger than what is read at once"
            case .unreachable(let why): "the relay does not answer: \(why)"
            case .malformed(let what): "the relay's answer is no page of a log: \(what)"
            }
        }
    }
}
