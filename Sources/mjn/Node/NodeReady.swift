import Cryptography

extension NodeRuntime.Ready {
    /// One line for scripts.
    var json: String {
        var out = JSONWriter()
        out.beginObject()
        out.field("ready", true)
        out.field("database_url", databaseURL)
        out.object("services") { out in
            for service in services { out.field(service.name, service.url) }
        }
        if let node {
            out.field("node", node.did)
            out.field("node_key", node.keyPath)
        }
        if let serviceKeyPath { out.field("service_key", serviceKeyPath) }
        if let solana {
            out.object("solana") { out in
                out.field("rpc", solana.url)
                out.field("settings", solana.settingsPath)
            }
        }
        out.endObject()
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// The same for people.
    var text: String {
        var lines = ["MJN serves."]
        for service in services { lines.append("  \(service.name)\(Self.padding(service.name))\(service.url)") }
        lines.append("  database     \(databaseURL)")
        if let node {
            lines.append("  node         \(node.did.string)")
            lines.append("  node key     \(node.keyPath)")
        }
        if let serviceKeyPath {
            lines.append("  service key  \(serviceKeyPath)  (may spend any balance: development only)")
        }
        if let solana {
            lines.append("  solana       \(solana.url)  (in memory; settings for commands: \(solana.settingsPath))")
        }
        lines.append("Stop it with Ctrl-C.")
        return lines.joined(separator: "\n")
    }

    private static func padding(_ name: String) -> String { String(repeating: " ", count: max(1, 13 - name.count)) }
}
