import Cryptography

/// Whether objects are what the specification says of their kind.
struct SchemaCheck {
    private let schemas: JSONValue

    init() throws {
        let root = try StripeFixtures.read("spec3.sdk-derived.min.json")
        guard let schemas = root["components"]?["schemas"] else { throw StripeFixturesDamaged() }
        self.schemas = schemas
    }

    /// What is wrong with an object: members that are missing, of another type, or not in the specification.
    func faults(in object: JSONValue) -> [String] {
        let kind = object["object"]?.string ?? ""
        guard let schema = schemas[kind.replacing(".", with: "_")] else { return ["\(kind) has no schema"] }
        var faults: [String] = []
        for name in schema["required"].map({ $0.elements.compactMap(\.string) }) ?? [] where object[name] == nil {
            faults.append("\(kind).\(name) is missing")
        }
        for (name, value) in object.members {
            guard let property = schema["properties"]?[name] else {
                faults.append("\(kind).\(name) is unknown")
                continue
            }
            if value.isNull {
                if property["nullable"]?.bool != true { faults.append("\(kind).\(name) is null") }
            } else if !fits(value, property) {
                faults.append("\(kind).\(name) is \(value.kind), not \(property["type"]?.string ?? "?")")
            }
        }
        return faults
    }

    private func fits(_ value: JSONValue, _ property: JSONValue) -> Bool {
        let isOpen = property["x-stripeBypassValidation"]?.bool == true
        if !isOpen, let values = property["enum"]?.elements, let text = value.string,
            !values.contains(where: { $0.stringEquals(text) })
        {
            return false
        }
        switch property["type"]?.string {
        case "integer": return value.int64 != nil
        case "number": return value.kind == .number
        case "string": return value.kind == .string
        case "boolean": return value.kind == .bool
        case "array": return value.kind == .array
        case "object": return value.kind == .object
        default: return true
        }
    }
}

/// The specification has no schemas.
struct StripeFixturesDamaged: Error {}
