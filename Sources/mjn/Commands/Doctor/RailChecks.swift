import Kernel
import Settlement
import Solana

/// The rails: which are on, and what the others lack. A rail that is off is nothing to repair.
enum RailChecks {
    static func all() async -> [Check] {
        guard let settings = try? NodeSettings().rails else { return [] }
        let rails: NodeRails
        do {
            rails = try await NodeRails.open(settings, store: nil)
        } catch {
            let failure = error as? CLIFailure
            return [.fail("rails", failure?.message ?? "\(error)", fix: failure?.fix ?? "see: mjn doctor --config")]
        }
        var checks = rails.notes.map { note in
            let isHalf =
                note.name == "rail \(RailName.stripe)" && settings.stripe.isBegun
                || note.name == "rail \(RailName.solana)" && settings.solana.isBegun
            return isHalf
                ? Check.warn(note.name, "off: \(note.reason)", fix: "see: mjn doctor --config")
                : .ok(note.name, "off: \(note.reason)")
        }
        if rails.stripe != nil { checks.append(.ok("rail \(RailName.stripe)", "on")) }
        if let solana = rails.solana { checks += await check(solana, settings.solana) }
        await rails.close()
        return checks
    }

    private static func check(
        _ solana: NodeRuntime.SolanaParts, _ settings: RailSettings.Solana
    ) async -> [Check] {
        let unlimited = settings.mints.keys.filter { settings.outflowMaxMinor[$0] == nil }.sorted()
        let limit = Check.warn(
            "solana outflow", "nothing limits what is paid out a day in \(unlimited.joined(separator: ", "))",
            fix: "set MJN_SOLANA_OUTFLOW_MAX, such as MJN=5000000000")
        return [await check(solana)] + (unlimited.isEmpty ? [] : [limit])
    }

    private static func check(_ solana: NodeRuntime.SolanaParts) async -> Check {
        let name = "rail \(RailName.solana)"
        do throws(RailListFailure) {
            let treasury = try await solana.rail.treasury()
            guard let first = treasury.troubles.first else { return .ok(name, "on, treasury \(treasury.address)") }
            return .warn(name, first, fix: "see ops/solana.md")
        } catch {
            return .warn(name, "no node answers: \(error.reason)", fix: "check MJN_SOLANA_RPC_URL")
        }
    }
}
