import Foundation

/// A file of the project: where it is and what it holds.
struct TextFile {
    /// Path from the project's root, such as `Sources/Kernel/Money/Money.swift`.
    let path: String
    let bytes: [UInt8]

    /// A file that a test makes up.
    init(_ path: String, _ text: String) {
        self.path = path
        self.bytes = Array(text.utf8)
    }

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    var name: String { String(path.split(separator: "/").last ?? "") }
    var isSwift: Bool { path.hasSuffix(".swift") }
    /// Images and the like hold a NUL early on; text does not.
    var isText: Bool { !bytes.prefix(8000).contains(0) }

    /// The lines, without their newline. A last newline does not start another line.
    var lines: [ArraySlice<UInt8>] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    func isUnder(_ folders: [String]) -> Bool { folders.contains { path.hasPrefix($0 + "/") } }
}
