/// What a relay does, as its well-known document says. Each can be switched off; its routes then answer 501.
public struct RelayCapabilities: Sendable, Hashable {
    /// Takes operations and documents.
    public var write = true
    /// Serves documents.
    public var content = true
    /// Serves the global log.
    public var log = true
    /// Answers what was revoked. Revocations hold either way.
    public var revocations = true
    /// Answers queries over what it holds.
    public var index = true
    /// Carries sign requests to their subjects.
    public var signing = true

    /// The names of the capabilities that can be switched off.
    public static let names = ["write", "content", "log", "revocations", "index", "signing"]

    /// Everything on.
    public init() {}

    /// Everything on but what is named.
    ///
    /// - Returns: nil when a name is none of ``names``.
    public init?(off names: [String]) {
        for name in names {
            switch name {
            case "write": write = false
            case "content": content = false
            case "log": log = false
            case "revocations": revocations = false
            case "index": index = false
            case "signing": signing = false
            default: return nil
            }
        }
    }
}

/// Another relay, and what is exchanged with it.
public struct PeerSettings: Sendable, Hashable {
    /// Its base URL, without a slash at the end.
    public var endpoint: String
    /// Whether new operations are passed on to it.
    public var gossips = true
    /// Whether it is asked for chains that are not here.
    public var readsThrough = true
    /// Whether its log is read from time to time.
    public var syncs = true

    /// A peer with which everything is exchanged.
    public init(endpoint: String) { self.endpoint = endpoint }
}

/// How a relay is set up.
public struct RelaySettings: Sendable {
    /// Where it is mounted: a path without a slash at the end, or nothing for the origin's root.
    public var basePaths = ["/relay", ""]
    /// What it does.
    public var capabilities = RelayCapabilities()
    /// The relays it exchanges operations with.
    public var peers: [PeerSettings] = []
    /// The name in its profile; used when the relay is made.
    public var name = "MJN registry"
    /// Its release, in the well-known document.
    public var version = "0.1.0"
    /// Writes that one address may send a second on average; each operation is one, each other request, and each
    /// 64 KiB. A peer that passes on what it takes, or a client that publishes a history, stays below it.
    public var writesPerSecond = 1000
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    public var trustedProxies: Set<String> = []
    /// Operations that may wait for what they depend on, and their bytes; past it the longest waiting are dropped.
    public var pendingOperations = RelayLimits.pendingOperations
    /// Bytes of the operations that may wait.
    public var pendingBytes = RelayLimits.pendingBytes

    /// The defaults.
    public init() {}
}
