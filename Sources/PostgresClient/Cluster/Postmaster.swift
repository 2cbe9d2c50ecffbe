import ChildProcesses
import Glibc

/// A running server: a child of ours, or one that another process of ours has started.
enum Postmaster: Sendable {
    case child(ChildProcess)
    case attached(ProcessIdentity)

    var identifier: pid_t {
        switch self {
        case .child(let process): process.identifier
        case .attached(let identity): identity.identifier
        }
    }

    var isAttached: Bool { if case .attached = self { true } else { false } }

    var isRunning: Bool {
        switch self {
        case .child(let process): process.isRunning
        case .attached(let identity): identity.isAlive
        }
    }

    /// Waits for the server's end; false when the time passes first.
    func waitForEnd(withinSeconds seconds: Double) -> Bool {
        switch self {
        case .child(let process): return process.exitStatus(withinSeconds: seconds) != nil
        case .attached(let identity):
            // Not our child, so there is nothing to wait on but its disappearance.
            let deadline = Deadline.after(seconds: seconds)
            while identity.isAlive {
                if deadline.hasPassed { return false }
                usleep(20_000)
            }
            return true
        }
    }

    /// How it ended, in words.
    var ending: String {
        guard case .child(let process) = self, let status = process.exitStatus else { return "it is gone" }
        return status < 128 ? "exit code \(status)" : "killed by signal \(status - 128)"
    }

    /// The postmaster that serves a data directory, if one does, according to its lock file and to the kernel.
    static func serving(data: String) -> ProcessIdentity? {
        guard let identifier = recorded(data: data), let identity = ProcessIdentity(identifier), identity.isAlive else {
            return nil
        }
        return ProcessIdentity.isPostgres(identifier, in: data) ? identity : nil
    }

    /// Removes a lock file whose process number now belongs to a stranger, for which Postgres itself would take it.
    ///
    /// To be called only by the one that holds the start lock. A file whose process is gone is left to Postgres.
    static func removeStaleFile(data: String) {
        guard let identifier = recorded(data: data), kill(identifier, 0) == 0 || errno == EPERM else { return }
        if !ProcessIdentity.isPostgres(identifier, in: data) { unlink(data + "/postmaster.pid") }
    }

    /// Ends backends that outlived a killed postmaster; as long as they hold its memory no new one can start.
    static func endOrphans(data: String) {
        for entry in Files.entries(of: "/proc") {
            guard let identifier = pid_t(entry), ProcessIdentity.isPostgres(identifier, in: data) else { continue }
            kill(identifier, SIGQUIT)
        }
    }

    private static func recorded(data: String) -> pid_t? {
        guard let text = Files.read(data + "/postmaster.pid") else { return nil }
        return text.split(separator: "\n").first.flatMap { pid_t($0) }.flatMap { $0 > 1 ? $0 : nil }
    }
}

/// A process and the moment of its start, which together tell it from a later one with the same number.
struct ProcessIdentity: Sendable, Equatable {
    let identifier: pid_t
    private let startTicks: String

    /// Nil when there is no such process.
    init?(_ identifier: pid_t) {
        guard let fields = Self.fields(identifier) else { return nil }
        self.identifier = identifier
        startTicks = fields.start
    }

    /// Whether it runs; one that ended and was not yet reaped does not.
    var isAlive: Bool {
        guard let fields = Self.fields(identifier) else { return false }
        return fields.start == startTicks && fields.state != "Z" && fields.state != "X"
    }

    /// Whether a process is a Postgres that works in a data directory.
    static func isPostgres(_ identifier: pid_t, in data: String) -> Bool {
        guard Files.read("/proc/\(identifier)/comm")?.hasPrefix("postgres") == true else { return false }
        guard let fields = fields(identifier), fields.state != "Z" else { return false }
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/\(identifier)/cwd", &target, target.count)
        guard length > 0 else { return false }
        return String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) == data
    }

    /// State and start time. Source: proc(5), fields 3 and 22 of `/proc/PID/stat`, behind the name in parentheses.
    private static func fields(_ identifier: pid_t) -> (state: String, start: String)? {
        guard let text = Files.read("/proc/\(identifier)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19 else { return nil }
        return (String(fields[0]), String(fields[19]))
    }
}
