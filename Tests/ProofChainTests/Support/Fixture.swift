import Cryptography
import Foundation

/// Test data beside the tests, read by its path below `Fixtures`.
enum Fixture {
    static func bytes(_ path: String) throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return Array(try Data(contentsOf: tests.appending(path: "Fixtures").appending(path: path)))
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONDocument(parsing: try bytes(path)).root
    }
}

extension JSONValue {
    /// The string member of that name, which the fixture has.
    func text(_ name: String) -> String {
        guard let text = self[name]?.string else { fatalError("the fixture has no string \(name)") }
        return text
    }

    /// The bytes that a string member of that name stands for in hexadecimal.
    func hex(_ name: String) -> [UInt8] {
        guard let bytes = Hex.decode(text(name)) else { fatalError("\(name) is not hexadecimal in the fixture") }
        return bytes
    }
}
