import Foundation

/// What a process and everything it started have used, read from `/proc`.
struct ProcessTree {
    let root: Int32
    /// Left out with all below them: Postgres under the node, where it is a child of it.
    var without: Set<Int32> = []

    private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// CPU seconds, user and system, of the tree and of children that have ended.
    var cpuSeconds: Double {
        let table = Self.table()
        var ticks = table[root]?.endedChildrenTicks ?? 0
        for process in members(table) { ticks += table[process]?.ticks ?? 0 }
        return Double(ticks) / Self.ticksPerSecond
    }

    /// Resident memory of the root, now and at its highest, in bytes.
    var resident: (now: Int, peak: Int) {
        let text = (try? String(contentsOfFile: "/proc/\(root)/status", encoding: .utf8)) ?? ""
        func kibibytes(_ name: String) -> Int {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
            return Int(line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first ?? "0") ?? 0
        }
        return (kibibytes("VmRSS:") * 1024, kibibytes("VmHWM:") * 1024)
    }

    private func members(_ table: [Int32: Entry]) -> [Int32] {
        var found = [root]
        var index = 0
        while index < found.count {
            let parent = found[index]
            found += table.filter { $0.value.parent == parent && !without.contains($0.key) }.map(\.key)
            index += 1
        }
        return found
    }

    private struct Entry {
        let parent: Int32
        let ticks: Int
        let endedChildrenTicks: Int
    }

    private static func table() -> [Int32: Entry] {
        var table: [Int32: Entry] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let process = Int32(name),
                let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                // The name stands in parentheses and may hold anything: the fields are counted from the last one on.
                let close = text.lastIndex(of: ")")
            else { continue }
            let fields = text[text.index(after: close)...].split(separator: " ").map { Int($0) ?? 0 }
            guard fields.count > 14 else { continue }
            table[process] = Entry(
                parent: Int32(fields[1]), ticks: fields[11] + fields[12], endedChildrenTicks: fields[13] + fields[14])
        }
        return table
    }

    /// CPU seconds of this process.
    static var ownSeconds: Double { Double(LoadLoop.now(CLOCK_PROCESS_CPUTIME_ID)) / 1e9 }
}
