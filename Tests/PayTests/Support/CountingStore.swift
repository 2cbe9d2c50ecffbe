import Cryptography
import Kernel
import Settlement
import Synchronization

/// A store that holds nothing and counts what it is asked for.
final class CountingStore: LedgerStore {
    private let count = Atomic<Int>(0)

    var lookUps: Int { count.load(ordering: .relaxed) }

    func submit(_ commands: [Command], atomically: Bool) async throws(LedgerFailure) -> [Decision] { throw .overloaded }
    func settlement(_ id: String) async throws(LedgerFailure) -> StoredSettlement? { nil }
    func balances(of did: DID) async throws(LedgerFailure) -> [Balance] { [] }
    func restriction(of did: DID) async throws(LedgerFailure) -> Restriction { Restriction() }
    func transactions(
        of did: DID, before cursor: TransactionCursor?, limit: Int
    ) async throws(LedgerFailure) -> [TransactionLine] { [] }
    func manifest(_ cid: CID) async throws(LedgerFailure) -> [UInt8]? {
        count.add(1, ordering: .relaxed)
        return nil
    }
    func gasFacts(cluster: DID, recipient: DID, sinceMs: Int64) async throws(LedgerFailure) -> GasFacts {
        GasFacts(sentCount: 0, sentTodayCount: 0, rule: GasRule())
    }
    func gasCluster(of sender: DID) async throws(LedgerFailure) -> DID { sender }
}
