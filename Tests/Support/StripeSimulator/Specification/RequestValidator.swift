/// Checks what a form says against the specification, and gives its values their types.
///
/// Stricter than Stripe in one thing: values of an enumeration that Stripe leaves open are held to those it lists.
enum RequestValidator {
    /// The parameters of an operation; throws Stripe's 400 for the first that is wrong.
    static func parameters(_ form: [String: FormValue], of operation: StripeOperation) throws(StripeFailure)
        -> StripeFields
    {
        try object(form, operation.parameters, at: "")
    }

    private static func object(_ hash: [String: FormValue], _ schema: Schema, at path: String)
        throws(StripeFailure) -> StripeFields
    {
        var fields: StripeFields = [:]
        for (name, value) in hash.sorted(by: { $0.key < $1.key }) {
            let inner = path.isEmpty ? name : "\(path)[\(name)]"
            if let property = schema.properties[name] {
                fields[name] = try check(value, property, at: inner)
                continue
            }
            switch schema.additional {
            case .none: throw .malformed("Received unknown parameter", inner, code: "parameter_unknown")
            case .any: fields[name] = untyped(value)
            case .schema(let any): fields[name] = try check(value, any, at: inner)
            }
        }
        for name in schema.required where hash[name] == nil {
            let inner = path.isEmpty ? name : "\(path)[\(name)]"
            throw .malformed("Missing required param", inner, code: "parameter_missing")
        }
        return fields
    }

    private static func check(_ value: FormValue, _ schema: Schema, at path: String) throws(StripeFailure)
        -> StripeValue
    {
        if !schema.choices.isEmpty { return try choose(value, schema.choices, at: path) }
        switch (value, schema.type) {
        case (.hash(let hash), "object"): return .object(try object(hash, schema, at: path))
        case (.hash(let hash), "array"): return try array(hash, schema, at: path)
        case (.hash, _): throw .malformed("Invalid \(schema.type ?? "value")", path)
        case (.text, "object"): throw .malformed("Invalid object", path)
        case (.text, "array"): throw .malformed("Invalid array", path)
        case (.text(let text), "integer"):
            guard let int = Int64(text), String(int) == text else {
                throw .malformed("Invalid integer", path, code: "parameter_invalid_integer")
            }
            return .int(int)
        case (.text(let text), "boolean"):
            guard text == "true" || text == "false" else { throw .malformed("Invalid boolean", path) }
            return .bool(text == "true")
        case (.text(let text), "number"):
            guard isDecimal(text) else { throw .malformed("Invalid decimal", path) }
            return .decimal(text)
        case (.text(let text), _):
            if let values = schema.values, !values.contains(text) {
                throw .malformed("Invalid value, must be one of \(values.joined(separator: ", "))", path)
            }
            return .string(text)
        }
    }

    /// Answers the first choice that the value fits; otherwise the refusal that came furthest into the value.
    private static func choose(_ value: FormValue, _ choices: [Schema], at path: String) throws(StripeFailure)
        -> StripeValue
    {
        var deepest: StripeFailure?
        for choice in choices {
            do throws(StripeFailure) {
                return try check(value, choice, at: path)
            } catch {
                if (error.param?.utf8.count ?? 0) > (deepest?.param?.utf8.count ?? -1) { deepest = error }
            }
        }
        throw deepest ?? .malformed("Invalid value", path)
    }

    /// `a[0]`, `a[1]`, … without gaps.
    private static func array(_ hash: [String: FormValue], _ schema: Schema, at path: String)
        throws(StripeFailure) -> StripeValue
    {
        var values: [StripeValue] = []
        for index in 0..<hash.count {
            guard let value = hash[String(index)] else { throw .malformed("Invalid array, indices have gaps", path) }
            if let items = schema.items {
                values.append(try check(value, items, at: "\(path)[\(index)]"))
            } else {
                values.append(untyped(value))
            }
        }
        return .array(values)
    }

    private static func untyped(_ value: FormValue) -> StripeValue {
        switch value {
        case .text(let text): .string(text)
        case .hash(let hash): .object(hash.mapValues { untyped($0) })
        }
    }

    private static func isDecimal(_ text: String) -> Bool {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count)
            && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }
}
