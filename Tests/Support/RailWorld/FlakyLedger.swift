package import Cryptography
package import Kernel
package import LedgerDouble
package import Settlement
import Synchronization

/// A ledger whose answers get lost: the command was decided, or was not, and the caller does not know. What follows
/// such a loss is what follows a crash of the process at that point.
package final class FlakyLedger: LedgerStore, LifecycleStore {
    package let inner: LedgerDouble
    private let random: Mutex<TestRandom>
    private let lossPerThousand: Mutex<UInt64>

    package init(_ inner: LedgerDouble, seed: UInt64, lossPerThousand: UInt64) {
        self.inner = inner
        random = Mutex(TestRandom(seed: seed))
        self.lossPerThousand = Mutex(lossPerThousand)
    }

    /// Commands in one batch, at most.
    private static let batchMax = 200

    /// Everything that reached the ledger, in its order; what came at one time in as few batches as possible, and the
    /// same command again in another one: within a batch it gets the first one's answer, whatever that is. A refund
    /// begins a batch: nobody can ask for one before he was told of the settlement.
    package var batches: [LedgerDouble.Submitted] {
        var batches: [LedgerDouble.Submitted] = []
        var identities = Set<CommandIdentity>()
        for one in inner.submissions {
            let isNew = one.commands.allSatisfy { command in
                if case .refund = command.action { false } else { !identities.contains(command.identity) }
            }
            if let last = batches.last, !last.isAtomic, !one.isAtomic, last.nowMs == one.nowMs, isNew,
                last.commands.count < Self.batchMax
            {
                batches[batches.count - 1].commands += one.commands
            } else {
                batches.append(one)
                identities = []
            }
            identities.formUnion(one.commands.map(\.identity))
        }
        return batches
    }

    package func calm() { lossPerThousand.withLock { $0 = 0 } }

    private func isLost() -> Bool {
        let chance = lossPerThousand.withLock { $0 }
        return random.withLock { $0.next() % 1000 < chance }
    }

    package func submit(_ commands: [Command], atomically: Bool) async throws(LedgerFailure) -> [Decision] {
        if isLost() { throw .databaseUnavailable("lost") }
        let decisions = try await inner.submit(commands, atomically: atomically)
        if isLost() { throw .databaseUnavailable("lost") }
        return decisions
    }

    package func settlement(_ id: String) async throws(LedgerFailure) -> StoredSettlement? {
        try await inner.settlement(id)
    }

    package func balances(of did: DID) async throws(LedgerFailure) -> [Balance] { try await inner.balances(of: did) }

    package func restriction(of did: DID) async throws(LedgerFailure) -> Restriction {
        try await inner.restriction(of: did)
    }

    package func transactions(
        of did: DID, before cursor: TransactionCursor?, limit: Int
    ) async throws(LedgerFailure) -> [TransactionLine] {
        try await inner.transactions(of: did, before: cursor, limit: limit)
    }

    package func manifest(_ cid: CID) async throws(LedgerFailure) -> [UInt8]? { try await inner.manifest(cid) }

    package func gasFacts(cluster: DID, recipient: DID, sinceMs: Int64) async throws(LedgerFailure) -> GasFacts {
        try await inner.gasFacts(cluster: cluster, recipient: recipient, sinceMs: sinceMs)
    }

    package func gasCluster(of sender: DID) async throws(LedgerFailure) -> DID {
        try await inner.gasCluster(of: sender)
    }

    package func lifecycle(_ id: String) async throws(LedgerFailure) -> (row: LifecycleRow, events: [LifecycleEvent])? {
        if isLost() { throw .databaseUnavailable("lost") }
        return try await inner.lifecycle(id)
    }

    package func lifecycle(
        rail: RailName, reference: String, kind: Lifecycle.Kind
    ) async throws(LedgerFailure) -> LifecycleRow? {
        try await inner.lifecycle(rail: rail, reference: reference, kind: kind)
    }

    package func dueLifecycles(nowMs: Int64, limit: Int) async throws(LedgerFailure) -> [LifecycleRow] {
        try await inner.dueLifecycles(nowMs: nowMs, limit: limit)
    }

    package func payeesPaidAtOnce(after: String, limit: Int) async throws(LedgerFailure) -> [LifecycleRow] {
        try await inner.payeesPaidAtOnce(after: after, limit: limit)
    }

    package func lifecycles(_ filter: LifecycleFilter) async throws(LedgerFailure) -> [LifecycleRow] {
        try await inner.lifecycles(filter)
    }
}
