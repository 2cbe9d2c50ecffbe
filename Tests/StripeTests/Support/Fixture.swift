import Cryptography
import Foundation

/// Test data beside the tests, read by its path below `Fixtures`.
enum Fixture {
    static func json(_ path: String) throws -> JSONValue {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let bytes = Array(try Data(contentsOf: tests.appending(path: "Fixtures").appending(path: path)))
        return try JSONDocument(parsing: bytes, limits: JSONLimits(members: 200_000)).root
    }
}
