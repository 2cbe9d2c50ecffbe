import Cryptography

/// What a parameter may be: the part of an OpenAPI schema that the specification uses.
final class Schema: Sendable {
    enum Additional: Sendable {
        case none
        case any
        case schema(Schema)
    }

    let type: String?
    let values: [String]?
    let properties: [String: Schema]
    let required: [String]
    let additional: Additional
    let items: Schema?
    let choices: [Schema]

    init(_ json: JSONValue) {
        type = json["type"]?.string
        values = json["enum"].map { $0.elements.compactMap(\.string) }
        var properties: [String: Schema] = [:]
        if let members = json["properties"]?.members {
            for (name, value) in members { properties[name] = Schema(value) }
        }
        self.properties = properties
        required = json["required"].map { $0.elements.compactMap(\.string) } ?? []
        switch json["additionalProperties"] {
        case .some(let value) where value.kind == .object: additional = .schema(Schema(value))
        case .some(let value) where value.bool == true: additional = .any
        default: additional = .none
        }
        items = json["items"].map { Schema($0) }
        choices = json["anyOf"].map { $0.elements.map { Schema($0) } } ?? []
    }

    /// The query parameters of an operation as one object.
    init(parameters: JSONValue?) {
        type = "object"
        values = nil
        var properties: [String: Schema] = [:]
        var required: [String] = []
        if let elements = parameters?.elements {
            for parameter in elements where parameter["in"]?.string == "query" {
                guard let name = parameter["name"]?.string, let schema = parameter["schema"] else { continue }
                properties[name] = Schema(schema)
                if parameter["required"]?.bool == true { required.append(name) }
            }
        }
        self.properties = properties
        self.required = required
        additional = .none
        items = nil
        choices = []
    }
}
