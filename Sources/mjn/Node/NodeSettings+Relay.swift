import Foundation
import Registry

extension NodeSettings {
    /// The relay's settings.
    static let relayDescriptions: [SettingDescription] = [
        SettingDescription("MJN_RELAY_KEY", "the relay's key, a JWK file", default: "DATA_DIR/keys/relay.jwk"),
        SettingDescription("MJN_RELAY_NAME", "the name in the relay's profile", default: RelaySettings().name),
        SettingDescription(
            "MJN_RELAY_PATHS", "where the relay is mounted, comma-separated; / is the origin's root",
            default: "/relay,/"),
        SettingDescription(
            "MJN_RELAY_OFF", "what the relay does not do: \(RelayCapabilities.names.joined(separator: ", "))",
            default: "nothing: it does everything"),
        SettingDescription(
            "MJN_RELAY_PEERS",
            "base URLs of other relays, comma-separated, each followed by what is not done with it: "
                + ";no-gossip;no-read;no-sync",
            default: "none"),
        SettingDescription(
            "MJN_RELAY_WRITES_PER_SECOND", "operations and other writes of one address, 1-100000",
            default: "\(RelaySettings().writesPerSecond)"),
        SettingDescription(
            "MJN_RELAY_PENDING_MAX", "operations that may wait for what they depend on, 1-1000000",
            default: "\(RelaySettings().pendingOperations)"),
        SettingDescription(
            "MJN_TRUSTED_PROXIES", "addresses of proxies whose X-Forwarded-For the relay believes, comma-separated",
            default: "none"),
    ]
}

extension SettingReader {
    func relay() throws(CLIFailure) -> RelaySettings {
        var settings = RelaySettings()
        settings.version = MJN.version
        if let name = text("MJN_RELAY_NAME") { settings.name = name }
        if let paths = text("MJN_RELAY_PATHS") { settings.basePaths = try list(paths).mapThrowing(basePath) }
        if let names = text("MJN_RELAY_OFF") {
            guard let capabilities = RelayCapabilities(off: list(names)) else {
                throw CLIFailure(
                    "MJN_RELAY_OFF is \(names)",
                    fix: "name some of: \(RelayCapabilities.names.joined(separator: ", "))",
                    exitCode: ExitStatus.usage)
            }
            settings.capabilities = capabilities
        }
        if let peers = text("MJN_RELAY_PEERS") { settings.peers = try list(peers).mapThrowing(peer) }
        if let writes = try integer("MJN_RELAY_WRITES_PER_SECOND", 1...100_000) { settings.writesPerSecond = writes }
        if let pending = try integer("MJN_RELAY_PENDING_MAX", 1...1_000_000) {
            settings.pendingOperations = Int64(pending)
        }
        settings.trustedProxies = Set(list(text("MJN_TRUSTED_PROXIES") ?? ""))
        return settings
    }

    private func text(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    private func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private func basePath(_ text: String) throws(CLIFailure) -> String {
        let segments = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let isPath =
            segments.allSatisfy { segment in
                !segment.isEmpty
                    && segment.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) }
            } && segments.first != "api"
        guard text.hasPrefix("/"), text == "/" || isPath else {
            throw CLIFailure(
                "MJN_RELAY_PATHS names \(text)",
                fix: "name paths of small letters, digits and hyphens, such as /relay, or / for the root",
                exitCode: ExitStatus.usage)
        }
        return text == "/" ? "" : text
    }

    private func peer(_ text: String) throws(CLIFailure) -> PeerSettings {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        let url = URLComponents(string: parts[0])
        guard let url, url.scheme == "https" || url.scheme == "http", url.host?.isEmpty == false, url.query == nil,
            url.fragment == nil, url.user == nil
        else { throw refusal(of: text, "write each as http://HOST:PORT/PATH or https://HOST/PATH") }
        var settings = PeerSettings(endpoint: parts[0].hasSuffix("/") ? String(parts[0].dropLast()) : parts[0])
        for flag in parts.dropFirst() {
            switch flag {
            case "no-gossip": settings.gossips = false
            case "no-read": settings.readsThrough = false
            case "no-sync": settings.syncs = false
            default: throw refusal(of: text, "what may follow a peer: ;no-gossip ;no-read ;no-sync")
            }
        }
        return settings
    }

    private func refusal(of peer: String, _ fix: String) -> CLIFailure {
        CLIFailure("MJN_RELAY_PEERS names \(peer)", fix: fix, exitCode: ExitStatus.usage)
    }
}

extension Sequence {
    /// `map` whose closure throws one type of error: the standard library's rethrows any.
    fileprivate func mapThrowing<T, E: Error>(_ body: (Element) throws(E) -> T) throws(E) -> [T] {
        var result: [T] = []
        for element in self { result.append(try body(element)) }
        return result
    }
}
