import Cryptography
import Foundation

/// One operation of the API.
struct StripeOperation: Sendable {
    /// `POST /v1/transfers/{id}/reversals`
    let name: String
    let segments: [String]
    let parameters: Schema

    /// How many parameters its path has.
    var parameterCount: Int { segments.count { $0.hasPrefix("{") } }
}

/// The specification in Tests/Fixtures/stripe, read once.
struct StripeSpecification: Sendable {
    /// The version it describes.
    let version: String
    private let operations: [String: [StripeOperation]]
    private let blanks: [String: StripeFields]

    /// The one that every world uses. A missing or damaged file stops the tests.
    static let shared: StripeSpecification = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Fixtures/stripe/spec3.sdk-derived.min.json").standardizedFileURL
        do {
            return StripeSpecification(try JSONDocument(parsing: Array(Data(contentsOf: file)), limits: .batch).root)
        } catch {
            fatalError("\(file.path) cannot be read: \(error)")
        }
    }()

    private init(_ root: JSONValue) {
        version = root["info"]?["version"]?.string ?? ""
        var operations: [String: [StripeOperation]] = [:]
        for (path, methods) in Self.members(root["paths"]) {
            for (verb, operation) in methods.members {
                let method = verb.uppercased()
                let body = operation["requestBody"]?["content"]?["application/x-www-form-urlencoded"]?["schema"]
                let isForm = method == "POST"
                operations[method, default: []].append(
                    StripeOperation(
                        name: "\(method) \(path)", segments: Self.segments(path),
                        parameters: isForm
                            ? body.map { Schema($0) } ?? Schema(parameters: nil)
                            : Schema(parameters: operation["parameters"])))
            }
        }
        // A path without parameters is tried before one with them: /v1/charges/search before /v1/charges/{charge}.
        self.operations = operations.mapValues {
            $0.sorted { ($0.parameterCount, $0.name) < ($1.parameterCount, $1.name) }
        }
        var blanks: [String: StripeFields] = [:]
        for (name, schema) in Self.members(root["components"]?["schemas"]) {
            var fields: StripeFields = [:]
            for (property, inner) in Self.members(schema["properties"]) {
                if inner["nullable"]?.bool == true { fields[property] = .null }
                if property == "livemode" { fields[property] = false }
                if property == "metadata" { fields[property] = [:] }
            }
            blanks[name] = fields
        }
        self.blanks = blanks
    }

    /// The operation of a request and what stands at its path's parameters; nil where there is none.
    func operation(method: String, path: String) -> (StripeOperation, [String])? {
        let segments = Self.segments(path)
        for operation in operations[method] ?? [] where operation.segments.count == segments.count {
            var values: [String] = []
            let matches = zip(operation.segments, segments).allSatisfy { template, segment in
                guard template.hasPrefix("{") else { return template == segment }
                values.append(segment)
                return !segment.isEmpty
            }
            if matches { return (operation, values) }
        }
        return nil
    }

    /// An object with every member that may be null, null.
    func blank(_ kind: String) -> StripeFields { blanks[kind.replacing(".", with: "_")] ?? [:] }

    private static func members(_ object: JSONValue?) -> [(key: String, value: JSONValue)] {
        object.map { Array($0.members) } ?? []
    }

    private static func segments(_ path: String) -> [String] {
        path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }
}
