import Foundation

/// The machine: room, memory, limits, clock, and the programs of Postgres.
enum MachineChecks {
    static func all(dataDirectory: String) -> [Check] {
        var checks = [disk(dataDirectory), memory(), openFiles(), clock()]
        if (ProcessInfo.processInfo.environment["DATABASE_URL"] ?? "").isEmpty { checks.append(postgres()) }
        return checks
    }

    /// Postgres stops writing when its disk is full; below the first bound it soon is.
    private static let diskFailMiB: UInt64 = 512
    private static let diskWarnMiB: UInt64 = 5 << 10
    /// Postgres and a node take some 300 MiB at rest.
    private static let memoryWarnMiB: UInt64 = 512
    /// A connection is a file, and a service takes 10,000 of them.
    private static let openFilesWarn: UInt64 = 4096
    /// A clock before the first release of this program is wrong.
    private static let yearMin = 2025

    private static func disk(_ directory: String) -> Check {
        var path = URL(fileURLWithPath: directory)
        while !FileManager.default.fileExists(atPath: path.path), path.path != "/" { path.deleteLastPathComponent() }
        var status = statvfs()
        guard statvfs(path.path, &status) == 0 else {
            return .warn("disk", "cannot read the free space of \(path.path)", fix: "check the folder's permissions")
        }
        let free = (UInt64(status.f_bavail) * UInt64(status.f_frsize)) >> 20
        let text = "\(free >> 10) GiB free at \(path.path)"
        if free < diskFailMiB {
            return .fail("disk", "\(free) MiB free at \(path.path)", fix: "make room, or move the data directory")
        }
        return free < diskWarnMiB
            ? .warn("disk", text, fix: "keep 5 GiB free: a full disk stops the ledger") : .ok("disk", text)
    }

    private static func memory() -> Check {
        let lines = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let digits = lines.first { $0.hasPrefix("MemAvailable:") }?.filter(\.isNumber) ?? ""
        guard let kilobytes = UInt64(digits) else {
            return .warn("memory", "/proc/meminfo does not say", fix: "check it by hand: 512 MiB or more are needed")
        }
        let free = kilobytes >> 10
        let text = "\(free) MiB available, \(ProcessInfo.processInfo.activeProcessorCount) processors"
        return free < memoryWarnMiB
            ? .warn("memory", text, fix: "end other programs: 512 MiB are needed") : .ok("memory", text)
    }

    private static func openFiles() -> Check {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .warn("open files", "the limit cannot be read", fix: "check it with: ulimit -n")
        }
        let text = limit.rlim_cur > 1 << 30 ? "no limit" : "limit \(limit.rlim_cur)"
        guard limit.rlim_cur < openFilesWarn else { return .ok("open files", text) }
        return .warn("open files", text, fix: "raise it: ulimit -n 16384 (systemd: LimitNOFILE=16384)")
    }

    private static func clock() -> Check {
        let now = Date()
        let year = Calendar(identifier: .gregorian).component(.year, from: now)
        guard year >= yearMin else {
            return .fail("clock", "it is the year \(year)", fix: "set the clock: signatures are valid for 300 s only")
        }
        let text = now.formatted(.iso8601)
        switch isSynchronised() {
        case true?: return .ok("clock", "\(text), synchronised")
        case nil: return .ok("clock", "\(text); the kernel does not say whether it is synchronised")
        case false?:
            return .warn(
                "clock", "\(text), not synchronised", fix: "run a time service, such as: apt-get install chrony")
        }
    }

    /// What the kernel says of its clock (adjtimex(2), which the Glibc module leaves out); nil when it does not say.
    private static func isSynchronised() -> Bool? {
        typealias Call = @convention(c) (UnsafeMutableRawPointer) -> Int32
        guard let symbol = dlsym(nil, "adjtimex") else { return nil }
        let adjtimex = unsafeBitCast(symbol, to: Call.self)
        // A `struct timex` of zeros asks, and sets nothing; it has 208 bytes.
        let state = withUnsafeTemporaryAllocation(byteCount: 512, alignment: 16) { buffer in
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
            return buffer.baseAddress.map(adjtimex) ?? -1
        }
        let unsynchronised: Int32 = 5
        return state < 0 ? nil : state != unsynchronised
    }

    private static func postgres() -> Check {
        let folder = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap(Int.init)
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let folders = versions.sorted(by: >).map { "\(folder)/\($0)/bin" } + path
        guard let found = folders.first(where: { isServer($0) }) else {
            return .fail(
                "postgres", "no server is installed", fix: "apt-get install postgresql, or set DATABASE_URL")
        }
        if geteuid() == 0, getpwnam("postgres") == nil {
            return .fail(
                "postgres", "running as root, and there is no account postgres for the server to run as",
                fix: "apt-get install postgresql, or run mjn as another user")
        }
        return .ok("postgres", "server programs in \(found)")
    }

    private static func isServer(_ folder: String) -> Bool {
        ["initdb", "postgres"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }
    }
}
