import Foundation

/// Small files of a test.
enum Files {
    static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
