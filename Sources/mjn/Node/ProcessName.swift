import Cryptography
import Foundation

/// Names a process in the lease: host, process number, start, and where those numbers mean something.
///
/// `HOST/PID/START/BOOT-NAMESPACE`: START is the process's start in clock ticks since boot, BOOT the kernel's boot id
/// and NAMESPACE its process namespace, so that a name from another machine, boot or container is never judged.
enum ProcessName {
    static func make() -> String {
        let pid = getpid()
        return "\(ProcessInfo.processInfo.hostName)/\(pid)/\(start(of: pid) ?? "0")/\(place)"
    }

    /// Whether the named process ran here and runs no more. Anything that cannot be judged is not gone.
    @Sendable
    static func isGone(_ name: String) -> Bool {
        let parts = name.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let pid = Int32(parts[1]), pid > 0, !place.isEmpty, parts[3] == place else {
            return false
        }
        return start(of: pid) != String(parts[2])
    }

    /// Boot and process namespace; empty where /proc does not say.
    private static let place: String = {
        guard let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8),
            let namespace = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        else { return "" }
        return boot.trimmingCharacters(in: .whitespacesAndNewlines) + "-" + namespace
    }()

    /// When a living process started (proc(5), field 22 of stat); `nil` when there is none, or only what is left of
    /// one.
    private static func start(of pid: Int32) -> String? {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        // Field 3, the state, is the first after the name; Z and X are what is left of a process.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return String(fields[19])
    }
}
