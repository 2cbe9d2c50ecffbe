import Foundation

/// The settings: whether they can be read, and whether any is misspelt.
enum SettingChecks {
    /// Variables of scripts and tools around the node, which it does not read itself.
    private static let others: Set = [
        "MJN_BIN", "MJN_BINARY", "MJN_ROOT", "MJN_STATE", "MJN_PAY_URL",
    ]
    /// The settings of rails, which a node without that rail ignores.
    private static let railPrefixes = ["MJN_SOLANA_", "MJN_EMT_"]

    static func all() -> [Check] {
        let environment = ProcessInfo.processInfo.environment
        var checks: [Check] = []
        do throws(CLIFailure) {
            _ = try NodeSettings(environment)
            let set = NodeSettings.all.filter { !(environment[$0.name] ?? "").isEmpty }.map(\.name)
            checks.append(
                .ok("settings", set.isEmpty ? "all at their defaults" : "set: " + set.joined(separator: ", ")))
        } catch {
            checks.append(.fail("settings", error.message, fix: error.fix ?? "see: mjn doctor --config"))
        }
        let known = Set(NodeSettings.all.map(\.name)).union(others)
        let strangers = environment.keys.sorted().filter { name in
            name.hasPrefix("MJN_") && !known.contains(name) && !railPrefixes.contains { name.hasPrefix($0) }
        }
        for name in strangers {
            checks.append(.warn("settings", "\(name) is set, and nothing reads it", fix: "see: mjn doctor --config"))
        }
        return checks
    }
}
