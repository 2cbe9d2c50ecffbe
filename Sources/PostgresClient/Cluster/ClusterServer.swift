import ChildProcesses
import Glibc

/// The steps of starting and stopping a cluster's server, each blocking. The caller holds the start lock.
struct ClusterServer: Sendable {
    /// What a shared memory that orphaned backends still hold makes the server say.
    private static let memoryInUse = "shared memory block"
    /// How often a start is tried again while orphaned backends end.
    private static let orphanAttemptsMax = 50
    private static let orphanPauseMicroseconds: UInt32 = 100_000
    private static let readyPollMicroseconds: UInt32 = 5_000
    private static let initdbSeconds = 120.0
    private static let logBytesMax = 10 << 20

    let places: ClusterPlaces
    let account: ServerAccount
    let settings: [String: String]
    let deadline: Deadline

    /// Makes the cluster's data unless they exist: under another name first, so that half of them is never taken
    /// for the whole. They are durable when this returns.
    func initialise() throws(ClusterError) {
        guard !Files.exists(places.data + "/PG_VERSION") else { return }
        let binaries = try ServerBinaries.find(majorVersion: nil)
        for name in Files.entries(of: places.directory) where name.hasPrefix("data.new-") {
            try removeTree(places.directory + "/" + name)
        }
        let fresh = places.directory + "/data.new-\(getpid())"
        try Files.makeDirectory(fresh, mode: 0o700, owner: account.user, group: account.group)
        let log = try openLog("initdb.log")
        defer { close(log) }
        let command = [
            binaries.initdb, "-D", fresh, "-U", ClusterSettings.role, "--auth-local=peer", "--auth-host=reject",
            "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions",
        ]
        let initdb = try Self.run(account.prefix + command, directory: places.directory, log: log)
        guard initdb.exitStatus(withinSeconds: Self.initdbSeconds) == 0 else {
            initdb.end()
            throw ClusterError(
                .initialisationFailed, logTail("initdb.log"), fix: "see \(places.directory)/initdb.log")
        }
        guard rename(fresh, places.data) == 0 else { throw Files.unusable(places.data) }
        Files.sync(directory: places.directory)
    }

    /// Attaches to the server that runs, or starts one; returns when it takes connections and has its database.
    func start() throws(ClusterError) -> Postmaster {
        if let identity = Postmaster.serving(data: places.data) {
            let postmaster = Postmaster.attached(identity)
            try awaitReady(postmaster)
            try createDatabase()
            return postmaster
        }
        Postmaster.removeStaleFile(data: places.data)
        try writeConfiguration()
        for attempt in 1... {
            do throws(ClusterError) {
                let postmaster = Postmaster.child(try spawn())
                try awaitReady(postmaster)
                try createDatabase()
                return postmaster
            } catch {
                let isHeld = error.code == .startFailed && error.message.contains(Self.memoryInUse)
                guard isHeld, attempt < Self.orphanAttemptsMax, !deadline.hasPassed else { throw error }
                Postmaster.endOrphans(data: places.data)
                usleep(Self.orphanPauseMicroseconds)
            }
        }
        throw timedOut()
    }

    /// Stops a server: fast (open transactions are rolled back), then at once, then by force.
    static func stop(_ postmaster: Postmaster, data: String, patienceSeconds: Double) {
        for (signal, seconds) in [(SIGINT, patienceSeconds), (SIGQUIT, 5.0), (SIGKILL, 5.0)] {
            guard postmaster.isRunning else { return }
            kill(postmaster.identifier, signal)
            if postmaster.waitForEnd(withinSeconds: seconds) { break }
        }
        // After a fast shutdown there are none, and this finds nothing.
        Postmaster.endOrphans(data: data)
    }

    private func spawn() throws(ClusterError) -> ChildProcess {
        let version = Files.read(places.data + "/PG_VERSION").flatMap { Int($0.filter(\.isNumber)) }
        let binaries = try ServerBinaries.find(majorVersion: version)
        let log = try openLog("server.log")
        defer { close(log) }
        let command = [binaries.postgres, "-D", places.data, "-c", "config_file=\(places.configuration)"]
        return try Self.run(account.prefix + command, directory: places.directory, log: log)
    }

    /// Starts a program with a bare environment: none of our secrets, and none of the variables that would change what
    /// Postgres does.
    static func run(_ command: [String], directory: String, log: Int32? = nil) throws(ClusterError) -> ChildProcess {
        let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/"]
        do throws(ChildProcess.StartError) {
            return try ChildProcess(
                command, environment: environment, directory: directory, output: log, errors: log)
        } catch {
            throw ClusterError(.startFailed, "\(error)", fix: "check the installation")
        }
    }

    private func writeConfiguration() throws(ClusterError) {
        let group = account.isOther ? account.group : nil
        let files = [
            "postgresql.conf": ClusterSettings.server(places, settings),
            "pg_hba.conf": ClusterSettings.authentication,
            "pg_ident.conf": ClusterSettings.identities(account),
        ]
        for (name, text) in files {
            try Files.write(text, to: "\(places.directory)/\(name)", mode: 0o640, group: group)
        }
    }

    /// Tries to connect every few milliseconds for as long as the server lives: recovery takes the time it takes.
    private func awaitReady(_ postmaster: Postmaster) throws(ClusterError) {
        while true {
            let failure: PostgresError
            do throws(PostgresError) {
                try connect("postgres").close()
                return
            } catch {
                failure = error
            }
            guard postmaster.isRunning else { throw startFailed() }
            if failure.kind == .configuration {
                throw ClusterError(.startFailed, failure.message, fix: "see \(places.log)")
            }
            if deadline.hasPassed { throw timedOut() }
            usleep(Self.readyPollMicroseconds)
        }
    }

    private func createDatabase() throws(ClusterError) {
        let name = ClusterSettings.role
        do throws(PostgresError) {
            let connection = try connect("postgres")
            defer { connection.close() }
            let known = try connection.query("SELECT 1 FROM pg_database WHERE datname = $1", [.text(name)])
            if known.count == 0 { try connection.execute("CREATE DATABASE \(name)", timeoutSeconds: 60) }
        } catch {
            throw ClusterError(.startFailed, "the database cannot be made: \(error)", fix: "see \(places.log)")
        }
    }

    private func connect(_ database: String) throws(PostgresError) -> Connection {
        let url = ClusterSettings.databaseURL(places, database: database)
        return try Connection.connect(
            PostgresConfiguration(databaseURL: url, applicationName: "mjn start", connectTimeoutSeconds: 5))
    }

    private func openLog(_ name: String) throws(ClusterError) -> Int32 {
        let path = places.directory + "/" + name
        var information = stat()
        if stat(path, &information) == 0, information.st_size > Self.logBytesMax { rename(path, path + ".1") }
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw Files.unusable(path) }
        return file
    }

    private func removeTree(_ path: String) throws(ClusterError) {
        // As the account that owns it, so that no link inside of it can lead root astray.
        let command = ["/usr/bin/find", path, "-xdev", "-mindepth", "1", "-delete"]
        let removal = try Self.run(account.prefix + command, directory: "/")
        _ = removal.exitStatus(withinSeconds: Self.initdbSeconds)
        guard rmdir(path) == 0 else { throw Files.unusable(path) }
    }

    private func logTail(_ name: String) -> String {
        let text = Files.read(places.directory + "/" + name, lastBytes: 4096) ?? ""
        return text.split(separator: "\n").suffix(4).joined(separator: "; ")
    }

    private func startFailed() -> ClusterError {
        ClusterError(
            .startFailed, "the server ended while starting: \(logTail("server.log"))", fix: "see \(places.log)")
    }

    private func timedOut() -> ClusterError {
        ClusterError(.startTimedOut, "the server did not become ready in time", fix: "see \(places.log)")
    }
}
