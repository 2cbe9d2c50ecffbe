import Foundation

/// What runs on this machine, read from /proc.
enum Processes {
    /// A process's arguments, separated by blanks; nil when it is gone or has none.
    static func commandLine(_ pid: Int32) -> String? {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"), !bytes.isEmpty else {
            return nil
        }
        return String(decoding: bytes.map { $0 == 0 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }

    /// All that run now.
    static var all: [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
    }

    /// Those whose arguments name a path: nobody else's name a random one.
    static func naming(_ path: String) -> [Int32] {
        all.filter { $0 != getpid() && commandLine($0)?.contains(path) == true }
    }

    /// Those that a process started, and those that they started.
    static func descendants(of pid: Int32) -> [Int32] {
        let parents = all.map { ($0, parent(of: $0)) }
        var found = [pid]
        for known in 0... {
            guard known < found.count else { break }
            found += parents.filter { $0.1 == found[known] }.map(\.0)
        }
        return found
    }

    private static func parent(of pid: Int32) -> Int32? {
        guard let text = try? Program.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        return text[end...].split(separator: " ").dropFirst(2).first.flatMap { Int32($0) }
    }

    /// Bytes of memory that a process holds.
    static func residentBytes(_ pid: Int32) throws -> Int {
        let status = try Program.text("/proc/\(pid)/status")
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }
}
