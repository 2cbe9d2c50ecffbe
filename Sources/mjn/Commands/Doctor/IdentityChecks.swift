import Foundation
import LedgerStore
import PostgresClient
import ProofChain
import Service
import Settlement

/// Identities: which relay is followed, how old the copy is, and who is claimed twice.
enum IdentityChecks {
    /// What the copy says.
    private struct Facts: Sendable {
        let cursor: IdentityCursor?
        let conflictsCount: Int64
        let conflicts: [DIDBinding]
    }

    /// Nothing where there is no database or no copy yet: that is for ``DatabaseChecks`` to say.
    static func all(dataDirectory: String) async -> [Check] {
        guard let settings = try? NodeSettings() else { return [] }
        guard let facts = try? await read(settings, dataDirectory: dataDirectory) else { return [relay(settings, nil)] }
        return [relay(settings, facts.cursor), conflicts(facts)]
    }

    private static func read(_ settings: NodeSettings, dataDirectory: String) async throws -> Facts? {
        let isNamed = settings.databaseURL != nil
        let manager = FileManager.default
        let isMade = ["postgres", "postgres.location"].contains { manager.fileExists(atPath: "\(dataDirectory)/\($0)") }
        guard isNamed || isMade else { return nil }
        let database = try await NodeDatabase.open(settings, dataDirectory: dataDirectory) { _ in }
        let pool = PostgresPool(PostgresLedgerStore.Configuration.inSchema(database.configuration), size: 1)
        let result: Result<Facts, any Error>
        do {
            let cursor = try await PostgresLedgerStore.identityCursor(BookNumbers.main, in: pool)
            let (count, first) = try await PostgresLedgerStore.identityConflicts(BookNumbers.main, in: pool)
            result = .success(Facts(cursor: cursor, conflictsCount: count, conflicts: first))
        } catch {
            result = .failure(error)
        }
        await pool.close()
        await database.close()
        return try result.get()
    }

    private static func relay(_ settings: NodeSettings, _ cursor: IdentityCursor?) -> Check {
        let age = cursor.flatMap { cursor -> String? in
            guard cursor.syncedAtMs > 0 else { return nil }
            return "in step \(max(0, SystemClock.milliseconds() - cursor.syncedAtMs) / 1000) s ago"
        }
        switch settings.relayURL {
        case .off:
            return .ok(
                "identities",
                "no relay is followed: rotated keys are those of the copy; a DID without a chain is its key")
        case .ownRegistry:
            return .ok("identities", "this node's own registry is followed, where it runs; \(age ?? "not in step yet")")
        case .address(let address):
            let ageMs = cursor.map { SystemClock.milliseconds() - $0.syncedAtMs }
            guard let ageMs, ageMs <= Int64(settings.identityMaxAgeSeconds) * 1000 else {
                return .fail(
                    "identities", "\(address) is to be followed, and the copy is not in step; \(age ?? "it never was")",
                    fix: "is pay running, and does the relay answer? the log of pay names the reason")
            }
            let name = cursor.map { $0.relay == address ? address : "\($0.relay) at \(address)" } ?? address
            return .ok("identities", "\(name) is followed; \(age ?? "not in step yet")")
        }
    }

    private static func conflicts(_ facts: Facts) -> Check {
        guard facts.conflictsCount > 0 else { return .ok("identity chains", "no DID is claimed by two") }
        let names = facts.conflicts.map(\.did.string).joined(separator: ", ")
        return .warn(
            "identity chains",
            "\(facts.conflictsCount) DIDs are claimed by two chains; the first stays: \(names)",
            fix: "ask the holder of each which chain is theirs; whoever began the other had the first key. Then: "
                + "mjn account resolve DID --keep CHAIN --reason WHY")
    }
}
