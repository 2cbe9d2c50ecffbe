import Cryptography
import Foundation

/// The files in Tests/Fixtures/stripe.
enum StripeFixtures {
    static func read(_ name: String) throws -> JSONValue {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Fixtures/stripe/\(name)").standardizedFileURL
        return try JSONDocument(parsing: Array(Data(contentsOf: file)), limits: .batch).root
    }
}
