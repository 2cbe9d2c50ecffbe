import Cryptography
import Foundation
import Kernel
public import Logging
import ProofChain
public import Settlement
import Synchronization

/// Keeps the node's own copy of identities up to date with a relay's log, and this process's directory with the copy.
///
/// Every process of a node runs one; they share the work by the cursor's row, and each reads from the database what
/// the others took. A relay that does not answer, or answers what cannot be taken, changes nothing: the copy stays,
/// and is no longer fresh when its age is over.
public final class IdentitySync: Sendable {
    /// What a sync is made of.
    public struct Parts: Sendable {
        /// The copy.
        public var store: PostgresLedgerStore
        /// The relay's log; nil: there is none, and the copy stands for itself.
        public var log: (any RelayLog)?
        /// Who answers from memory.
        public var directory: IdentityDirectory
        /// How old the copy may be and count as fresh, milliseconds.
        public var maxAgeMs: Int64
        /// Milliseconds since 1970.
        public var clock: @Sendable () -> Int64
        /// Where it says what is wrong.
        public var logger: Logger
        /// Told after the directory: whose keys may have changed, to forget what stood on them.
        public var onChanged: @Sendable ([DIDAuthority]) async -> Void

        /// The parts.
        public init(
            store: PostgresLedgerStore, log: (any RelayLog)?, directory: IdentityDirectory, maxAgeMs: Int64,
            clock: @escaping @Sendable () -> Int64, logger: Logger,
            onChanged: @escaping @Sendable ([DIDAuthority]) async -> Void = { _ in }
        ) {
            self.store = store
            self.log = log
            self.directory = directory
            self.maxAgeMs = maxAgeMs
            self.clock = clock
            self.logger = logger
            self.onChanged = onChanged
        }
    }

    let parts: Parts
    private let followed = Atomic<Int64>(0)
    private let conflicts = Atomic<Int64>(0)
    private let broken = Atomic<Int64>(0)
    let skipped = Atomic<Int64>(0)
    private let syncedAtMs = Atomic<Int64>(0)
    private let lastTrouble = Mutex<String?>(nil)
    private let told = Mutex<Set<DID>>([])

    /// Entries of a page: what relays give at once.
    static let pageEntries = 1000
    /// Pages in one round, so that a relay without end does not hold it: a million entries. The next round goes on.
    static let pagesMax = 1000
    /// Between two rounds at most, and at least.
    private static let pauseMs: ClosedRange<Int64> = 200...10_000
    /// Rounds per maximal age, so that one may fail and the copy stays fresh.
    private static let roundsPerAge: Int64 = 5

    /// A sync that has not begun.
    public init(_ parts: Parts) { self.parts = parts }

    /// DIDs with a conflict, as last read.
    public var conflictsCount: Int64 { conflicts.load(ordering: .relaxed) }

    /// Chains of which an operation did not follow, as last read.
    public var brokenCount: Int64 { broken.load(ordering: .relaxed) }

    /// Entries of the log that this process passed over.
    public var skippedCount: Int64 { skipped.load(ordering: .relaxed) }

    /// How old the copy is, seconds: since the log was last known to be read to its end; 0 where there is no relay to
    /// be behind of, and nil when it never was.
    public var ageSeconds: Int64? {
        guard parts.log != nil else { return 0 }
        let synced = syncedAtMs.load(ordering: .relaxed)
        return synced == 0 ? nil : max(0, parts.clock() - synced) / 1000
    }

    /// What is wrong with the copy, for whoever asks whether the node is well; nil while nothing is: the copy is
    /// fresh, and the last round came to the log's end.
    public var trouble: String? {
        let reason = lastTrouble.withLock(\.self)
        guard reason != nil || !parts.directory.isFresh else { return nil }
        let age = ageSeconds.map { "\($0) s old" } ?? "not complete yet"
        return "the copy of identities is \(age), of \(parts.maxAgeMs / 1000) s allowed"
            + (reason.map { ": \($0)" } ?? "")
    }

    /// Between two rounds, milliseconds.
    var pauseMs: Int64 {
        min(max(parts.maxAgeMs / Self.roundsPerAge, Self.pauseMs.lowerBound), Self.pauseMs.upperBound)
    }

    /// Takes the copy into memory, as it is. Call it once, before requests come in.
    public func begin() async throws(LedgerFailure) {
        let most = IdentityDirectory.Limits().boundMax
        // The keys after the number: what is bound in between is then met twice, not never.
        let number = try await parts.store.lastChange()
        parts.directory.begin(bound: try await parts.store.boundKeys(limit: most + 1))
        followed.store(number, ordering: .relaxed)
        try await countTroubles()
        if conflictsCount > 0 {
            parts.logger.warning(
                "DIDs are claimed by two chains; payouts are frozen unless the first key was retired before",
                metadata: ["count": "\(conflictsCount)"])
        }
        try await follow()
    }

    /// Works until the task is cancelled.
    public func run() async {
        var early = Self.earlyRounds
        while !Task.isCancelled {
            let isDone = await round()
            let isWaitedFor = !isDone && !parts.directory.isFresh
            let retryMs = early > 0 ? Self.earlyRetryMs : Self.retryMs
            early -= early > 0 ? 1 : 0
            try? await Task.sleep(for: .milliseconds(isWaitedFor ? min(pauseMs, retryMs) : pauseMs))
        }
    }

    /// Between two rounds while the copy is stale: soon, for requests are being refused.
    private static let retryMs: Int64 = 1000
    /// The same while the node comes up, for as many rounds: its own registry comes up beside.
    private static let earlyRetryMs: Int64 = 50
    private static let earlyRounds = 40

    /// Waits until the copy is fresh, so that a node that has just come up knows everybody.
    /// - Returns: false when it is not after `seconds`.
    @discardableResult
    public func waitUntilFresh(seconds: Int64) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !parts.directory.isFresh {
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return true
    }

    /// One round: reads what is new in the log, then what is new in the copy. Returns whether the log was read to its
    /// end, by this process or just before by another.
    @discardableResult
    public func round() async -> Bool {
        do {
            var trouble: String?
            if let log = parts.log { trouble = try await readLog(log) }
            try await follow()
            say(trouble)
            return trouble == nil
        } catch {
            say("the database does not answer: \(error)")
            return false
        }
    }

    // MARK: From the copy into memory

    /// Takes what changed in the copy since the last time.
    func follow() async throws(LedgerFailure) {
        // The cursor first: the copy is as fresh as it says, with all changes up to there.
        let cursor = try await parts.store.identityCursor()
        var number = followed.load(ordering: .relaxed)
        let before = number
        while true {
            let changes = try await parts.store.changes(after: number)
            guard let last = changes.last else { break }
            number = last.number
            let authorities = changes.map(\.authority)
            parts.directory.apply(authorities)
            await parts.onChanged(authorities)
            tell(authorities)
        }
        followed.store(number, ordering: .relaxed)
        if number != before { try await countTroubles() }
        syncedAtMs.store(cursor?.syncedAtMs ?? 0, ordering: .relaxed)
        parts.directory.setFresh(untilMs: parts.log == nil ? .max : (cursor?.syncedAtMs ?? 0) + parts.maxAgeMs)
    }

    private func countTroubles() async throws(LedgerFailure) {
        broken.store(try await parts.store.brokenIdentities(), ordering: .relaxed)
        conflicts.store(try await parts.store.identityConflicts().count, ordering: .relaxed)
    }

    private func tell(_ authorities: [DIDAuthority]) {
        for authority in authorities {
            guard let conflict = authority.binding.conflict, conflict.resolvedAtMs == nil else { continue }
            let isNew = told.withLock { told in
                guard told.count < Self.toldMax else { return false }
                return told.insert(authority.did).inserted
            }
            guard isNew else { continue }
            parts.logger.warning(
                "a second chain claims a DID; the first stays",
                metadata: [
                    "did": .string(authority.did.string), "chain": .string(authority.binding.identity.string),
                    "claimed_by": .string(conflict.identity.string),
                    "payouts_frozen": "\(authority.payoutStanding.isFrozen)",
                ])
        }
    }

    /// Conflicts that are told one by one; past it the metric counts on.
    private static let toldMax = 10_000

    /// Says what is wrong when it changes, and when it is over.
    private func say(_ trouble: String?) {
        let before = lastTrouble.withLock { last in
            defer { last = trouble }
            return last
        }
        guard before != trouble else { return }
        if let trouble {
            parts.logger.warning("identities are not in step with the relay", metadata: ["reason": .string(trouble)])
        } else {
            parts.logger.notice("identities are in step with the relay again")
        }
    }
}
