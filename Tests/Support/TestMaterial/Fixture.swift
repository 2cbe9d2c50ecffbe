public import Cryptography
import Foundation

/// Test data beside the tests, read by its path below `Fixtures`.
public enum Fixture {
    /// The bytes of a file. Throws when it is not there.
    public static func bytes(_ path: String) throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return Array(try Data(contentsOf: tests.appending(path: "Fixtures").appending(path: path)))
    }

    /// The same as text.
    public static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// The same as JSON. Throws when it is none.
    public static func json(_ path: String) throws -> JSONValue {
        try JSONDocument(parsing: try bytes(path)).root
    }
}

extension JSONValue {
    /// The string member of that name, which the fixture has.
    public func text(_ name: String) -> String {
        guard let text = self[name]?.string else { fatalError("the fixture has no string \(name)") }
        return text
    }

    /// The bytes that a string member of that name stands for in hexadecimal.
    public func hex(_ name: String) -> [UInt8] {
        guard let bytes = Hex.decode(text(name)) else { fatalError("\(name) is not hexadecimal in the fixture") }
        return bytes
    }
}
