import Glibc

/// Where a cluster's files are.
///
/// `directory` belongs to us, so that Postgres' account, where it is another, can neither change its configuration nor
/// plant links; `data` and `sockets` belong to that account, mode 0700.
struct ClusterPlaces: Sendable, Equatable {
    let directory: String
    let sockets: String

    var data: String { directory + "/data" }
    var log: String { directory + "/server.log" }
    var configuration: String { directory + "/postgresql.conf" }
    var startLock: String { directory + "/start.lock" }
    var usersLock: String { directory + "/users.lock" }

    /// The kernel's limit on a socket's path, its final zero included. Source: unix(7).
    static let socketPathBytesMax = 108
    static let port = 5432
    private static let socketName = "/.s.PGSQL.\(port).lock"
    /// Where root keeps a cluster that Postgres' account could not reach otherwise.
    private static let fallbackRoot = "/var/lib/mjn"

    /// Whether a directory's path leaves room for the socket's name.
    static func fits(_ sockets: String) -> Bool { sockets.utf8.count + socketName.utf8.count < socketPathBytesMax }

    /// Chooses the places, making the directories that are missing.
    static func choose(
        dataDirectory: String, account: ServerAccount, message: (String) -> Void
    ) throws(ClusterError) -> ClusterPlaces {
        if !Files.exists(dataDirectory) { try Files.makeDirectory(dataDirectory, mode: 0o755) }
        let base = Files.absolute(dataDirectory)
        let directory = Files.absolute(try chooseDirectory(base: base, account: account, message: message))
        let sockets = try chooseSockets(directory: directory, account: account, message: message)
        return ClusterPlaces(directory: directory, sockets: sockets)
    }

    private static func chooseDirectory(
        base: String, account: ServerAccount, message: (String) -> Void
    ) throws(ClusterError) -> String {
        let pointer = base + "/postgres.location"
        // A choice once made stands: another one would show an empty database.
        if let chosen = Files.read(pointer)?.split(separator: "\n").first.map(String.init), !chosen.isEmpty {
            message("Postgres' data is in \(chosen)")
            return chosen
        }
        let near = base + "/postgres"
        let mode: mode_t = account.isOther ? 0o750 : 0o700
        let group = account.isOther ? account.group : nil
        try Files.makeDirectory(near, mode: mode, group: group)
        if Files.exists(near + "/data/PG_VERSION") { return near }
        if try account.canEnter(near) { return near }
        let far = "\(fallbackRoot)/\(hash(base))"
        try Files.makeDirectory(fallbackRoot, mode: 0o755)
        try Files.makeDirectory(far, mode: mode, group: group)
        try Files.write(far + "\n", to: pointer, mode: 0o644, group: nil)
        rmdir(near)
        message("the account \(account.userName) cannot reach \(base): Postgres' data goes to \(far)")
        return far
    }

    private static func chooseSockets(
        directory: String, account: ServerAccount, message: (String) -> Void
    ) throws(ClusterError) -> String {
        let near = directory + "/run"
        if fits(near) {
            try Files.makeDirectory(near, mode: 0o700, owner: account.user, group: account.group)
            return try trusted(near, account)
        }
        let pointer = directory + "/run.location"
        if let chosen = Files.read(pointer)?.split(separator: "\n").first.map(String.init),
            Files.isPrivateDirectory(chosen, owner: account.user)
        {
            return chosen
        }
        // A random name that is made, never found: nobody can have prepared it.
        var template = Array("/tmp/mjn-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Files.unusable("/tmp") }
        let far = String(cString: made)
        guard lchown(far, account.user, account.group) == 0 else { throw Files.unusable(far) }
        try Files.write(far + "\n", to: pointer, mode: 0o600, group: nil)
        message("the path \(near) is too long for a socket: it goes to \(far)")
        return try trusted(far, account)
    }

    private static func trusted(_ path: String, _ account: ServerAccount) throws(ClusterError) -> String {
        guard Files.isPrivateDirectory(path, owner: account.user) else {
            throw ClusterError(
                .directoryUnusable, "\(path) is not a directory of \(account.userName) alone (mode 0700)",
                fix: "remove it, or set its owner and mode")
        }
        return path
    }

    /// A short name for a path: FNV-1a, 64 bits, in hexadecimal.
    static func hash(_ path: String) -> String {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in path.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
