import Cryptography

extension Schema {
    /// Writes the schema as one JSON value. Named schemas are written as references.
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeKind(to: &writer)
        if let about { writer.text("description", about) }
        if let exampleJSON {
            writer.key("examples")
            writer.beginArray()
            writer.raw(Array(exampleJSON.utf8))
            writer.endArray()
        }
        writer.endObject()
    }

    private func writeKind(to writer: inout JSONWriter) {
        switch kind {
        case .any: break
        case .null: writer.text("type", "null")
        case .boolean: writer.text("type", "boolean")
        case .string(let format, let pattern, let minLength, let maxLength):
            writer.text("type", "string")
            if let format { writer.text("format", format) }
            if let pattern { writer.text("pattern", pattern) }
            if let minLength { writer.number("minLength", Int64(minLength)) }
            if let maxLength { writer.number("maxLength", Int64(maxLength)) }
        case .integer(let minimum, let maximum):
            writer.text("type", "integer")
            writer.text("format", "int64")
            if let minimum { writer.number("minimum", minimum) }
            if let maximum { writer.number("maximum", maximum) }
        case .enumeration(let values):
            writer.text("type", "string")
            writer.texts("enum", values)
        case .array(let element, let maxItems):
            writer.text("type", "array")
            writer.key("items")
            element.write(to: &writer)
            if let maxItems { writer.number("maxItems", Int64(maxItems)) }
        case .object(let members, let additional): Self.writeObject(members, additional, to: &writer)
        case .map(let value):
            writer.text("type", "object")
            writer.key("additionalProperties")
            value.write(to: &writer)
        case .oneOf(let schemas):
            writer.key("oneOf")
            writer.list(schemas) { $1.write(to: &$0) }
        case .nullable(let schema):
            writer.key("anyOf")
            writer.list([schema, Schema(.null)]) { $1.write(to: &$0) }
        case .named(let name, _): writer.text("$ref", "#/components/schemas/" + name)
        }
    }

    private static func writeObject(_ members: [Member], _ additional: Bool, to writer: inout JSONWriter) {
        writer.text("type", "object")
        writer.key("properties")
        writer.beginObject()
        for member in members {
            writer.key(member.name)
            member.schema.write(to: &writer)
        }
        writer.endObject()
        let required = members.filter(\.isRequired).map(\.name)
        if !required.isEmpty { writer.texts("required", required) }
        if !additional {
            writer.key("additionalProperties")
            writer.bool(false)
        }
    }

    /// Adds every named schema in this one to `names`, the first of a name.
    func collectNamed(into names: inout [String: Schema]) {
        switch kind {
        case .any, .null, .boolean, .string, .integer, .enumeration: break
        case .array(let element, _): element.collectNamed(into: &names)
        case .object(let members, _): for member in members { member.schema.collectNamed(into: &names) }
        case .map(let value): value.collectNamed(into: &names)
        case .oneOf(let schemas): for schema in schemas { schema.collectNamed(into: &names) }
        case .nullable(let schema): schema.collectNamed(into: &names)
        case .named(let name, let schema):
            if names[name] == nil {
                names[name] = schema
                schema.collectNamed(into: &names)
            }
        }
    }
}

extension JSONWriter {
    mutating func text(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    mutating func number(_ name: String, _ value: Int64) {
        key(name)
        int(value)
    }

    mutating func texts(_ name: String, _ values: [String]) {
        key(name)
        list(values) { $0.string($1) }
    }

    mutating func list<Element>(_ elements: [Element], _ write: (inout JSONWriter, Element) -> Void) {
        beginArray()
        for element in elements { write(&self, element) }
        endArray()
    }
}
