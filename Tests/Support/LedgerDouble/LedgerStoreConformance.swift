import Cryptography
import Kernel
public import Settlement

/// A promise of every `LedgerStore`, to be checked on the double and on the real one. Each uses people and keys of
/// its own, so that all of them can run on one book.
public struct LedgerStoreConformance: Sendable, CustomStringConvertible {
    /// The promise, as a sentence.
    public let description: String
    private let body: @Sendable (inout Probe) async throws -> Void

    /// Whether a store keeps the promise: what did not hold, empty when all did. `prefix` keeps runs on one book apart.
    public func check(_ store: any LedgerStore & LifecycleStore, prefix: String = "c") async throws -> [String] {
        var probe = Probe(store: store, prefix: prefix)
        try await body(&probe)
        return probe.failures
    }

    /// All promises.
    public static let cases: [LedgerStoreConformance] =
        [
            LedgerStoreConformance("a settlement is found with its reply and balances move", settles),
            LedgerStoreConformance("a retry gets the first answer byte for byte", replays),
            LedgerStoreConformance("a refused command changes nothing and does not disturb its neighbours", refuses),
            LedgerStoreConformance("an atomic group is done whole or not at all", groups),
            LedgerStoreConformance("what was refunded is counted and what is missing is owed", refunds),
            LedgerStoreConformance("transactions come newest first, page by page, each once", pages),
            LedgerStoreConformance("holds are counted in balances until they end", holds),
            LedgerStoreConformance("gas counts by cluster and recipient", gas),
            LedgerStoreConformance("a recorded manifest is found by its CID, as it was received", manifests),
            LedgerStoreConformance("what does not exist is not found", absent),
        ] + railCases

    init(_ description: String, _ body: @escaping @Sendable (inout Probe) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// One run of one promise.
    struct Probe {
        let store: any LedgerStore & LifecycleStore
        let prefix: String
        var failures: [String] = []

        mutating func expect(_ isTrue: Bool, _ what: String) {
            if !isTrue { failures.append(what) }
        }

        func did(_ name: String) -> DID { People.did("\(prefix)-\(name)") }
        func key(_ name: String) -> String { "\(prefix)-\(name)" }

        func run(_ command: Command) async throws -> Outcome {
            try await run([command], atomically: false)[0].outcome
        }

        func run(_ commands: [Command], atomically: Bool) async throws -> [Decision] {
            try await store.submit(commands, atomically: atomically)
        }

        /// The balance in the tests' currency; zeros where there is none.
        func balance(_ did: DID) async throws -> Balance {
            try await store.balances(of: did).first { $0.currency == Commands.usd }
                ?? Balance(currency: Commands.usd, accounts: [:], restriction: nil)
        }
    }
}
