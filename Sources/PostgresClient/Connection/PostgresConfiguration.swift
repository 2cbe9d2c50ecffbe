import CPostgres

/// Where the database is, and how long to wait for it.
public struct PostgresConfiguration: Sendable {
    /// Seconds that making a connection may take, over all hosts.
    public var connectTimeoutSeconds: Double
    /// Seconds that one call may take where it names no limit of its own.
    public var statementTimeoutSeconds: Double
    /// Server settings applied to every new connection, by name.
    public var settings: [String: String]

    /// libpq's keywords and values, without those that name hosts.
    let options: [String: String]
    /// The hosts in the order they are tried; one set of `host`, `hostaddr` and `port` each.
    let hosts: [[String: String]]

    /// Reads a connection string.
    ///
    /// - Parameters:
    ///   - databaseURL: a URI or a keyword string of libpq; several hosts are tried in their order. What it leaves out
    ///     comes from libpq's environment variables and password file.
    ///   - applicationName: shown in `pg_stat_activity` unless the string names one.
    /// - Throws: kind `configuration`; the message never quotes the string.
    public init(
        databaseURL: String,
        applicationName: String = "mjn",
        connectTimeoutSeconds: Double = 10,
        statementTimeoutSeconds: Double = 30,
        settings: [String: String] = [:]
    ) throws(PostgresError) {
        self.connectTimeoutSeconds = connectTimeoutSeconds
        self.statementTimeoutSeconds = statementTimeoutSeconds
        self.settings = settings
        var values = try Self.parse(databaseURL)
        let hosts = try Self.splitHosts(&values)
        for (keyword, value) in Self.defaults where values[keyword] == nil { values[keyword] = value }
        if values["application_name"] == nil { values["application_name"] = applicationName }
        values["client_encoding"] = "UTF8"
        options = values
        self.hosts = hosts
    }

    /// A silent peer is noticed after 30 + 3 x 10 s when idle, and 30 s after bytes that it does not acknowledge.
    private static let defaults = [
        "keepalives": "1", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
        "tcp_user_timeout": "30000",
    ]

    /// The password and the passphrase, which no message may hold.
    var secrets: [String] { ["password", "sslpassword"].compactMap { options[$0] } }

    private static func parse(_ text: String) throws(PostgresError) -> [String: String] {
        guard !text.utf8.contains(0) else { throw invalid("it holds a zero byte") }
        var message: UnsafeMutablePointer<CChar>?
        guard let first = PQconninfoParse(text, &message) else {
            PQfreemem(message)  // libpq's message may quote a part of the password: it is not shown.
            throw invalid("it is neither a postgresql:// URI nor a list of keyword=value")
        }
        defer { PQconninfoFree(first) }
        var values: [String: String] = [:]
        var option = first
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }

    /// Takes the host keywords out of the values, and returns one set per host.
    private static func splitHosts(_ values: inout [String: String]) throws(PostgresError) -> [[String: String]] {
        let host = values.removeValue(forKey: "host")
        let address = values.removeValue(forKey: "hostaddr")
        let port = values.removeValue(forKey: "port")
        try check(host: host, address: address, port: port)
        let names = host.map(list) ?? []
        let addresses = address.map(list) ?? []
        let ports = port.map(list) ?? []
        let count = max(names.count, addresses.count, 1)
        // Two passes over the hosts are libpq's own affair, and so is a list that does not match.
        let matching = [names.count, addresses.count].allSatisfy { $0 == 0 || $0 == count }
        let portsMatch = ports.count <= 1 || ports.count == count
        guard values["target_session_attrs"] != "prefer-standby", matching, portsMatch else {
            return [["host": host, "hostaddr": address, "port": port].compactMapValues { $0 }]
        }
        return (0..<count).map { index in
            var one: [String: String] = [:]
            if !names.isEmpty { one["host"] = names[index] }
            if !addresses.isEmpty { one["hostaddr"] = addresses[index] }
            if !ports.isEmpty { one["port"] = ports.count == 1 ? ports[0] : ports[index] }
            return one
        }
    }

    /// Refuses what cannot be a host or a port: a mistyped password may stand there, and would reach the messages.
    private static func check(host: String?, address: String?, port: String?) throws(PostgresError) {
        let isPort = (port ?? "").utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2c }
        guard isPort else { throw invalid("the port is not a number (a password in a URI must be percent-encoded)") }
        for name in list(host ?? "") + list(address ?? "") {
            let isPath = name.hasPrefix("/") || name.hasPrefix("@")
            let isName = name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x3a, 0x5f, 0x25: true  // 0-9A-Za-z-.:_%
                default: false
                }
            }
            guard isPath || isName else {
                throw invalid("the host is no name, address or path (a password in a URI must be percent-encoded)")
            }
        }
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func invalid(_ reason: String) -> PostgresError {
        PostgresError(.configuration, "the database URL cannot be used: \(reason)")
    }
}
