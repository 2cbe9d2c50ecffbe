public import Cryptography

/// What can be read from an object of Stripe's JSON. Fields that it does not name are passed over.
public protocol StripeObject: Sendable {
    /// Reads the object.
    ///
    /// - Throws: `StripeDecodingError`, which names the field that is missing or not what it should be.
    init(_ fields: StripeFields) throws(StripeDecodingError)
}

/// A field that is missing or not what it should be. It names the field, never its value.
public struct StripeDecodingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where it stands, such as `reversals.data[0].amount`.
    public let path: String
    /// What was expected there.
    public let expected: String

    /// One line for a log.
    public var description: String { "stripe_object_malformed: \(path) is no \(expected)" }
}

/// One JSON object of Stripe's, read field by field. `null` counts as absent.
public struct StripeFields: Sendable {
    private let value: JSONValue
    private let path: String

    /// Starts at the root of an answer.
    public init(_ value: JSONValue) { self.init(value, path: "") }

    private init(_ value: JSONValue, path: String) {
        self.value = value
        self.path = path
    }

    /// - Throws: where the object is none, or of another sort.
    func expect(object: String) throws(StripeDecodingError) {
        guard value["object"]?.stringEquals(object) == true else { throw failure("object", object) }
    }

    /// The object as it was written.
    var bytes: [UInt8] { Array(value.rawBytes) }

    func optional(_ name: String) -> JSONValue? {
        guard let field = value[name], !field.isNull else { return nil }
        return field
    }

    private func required(_ name: String, _ expected: String) throws(StripeDecodingError) -> JSONValue {
        guard let field = optional(name) else { throw failure(name, expected) }
        return field
    }

    private func failure(_ name: String, _ expected: String) -> StripeDecodingError {
        StripeDecodingError(path: path.isEmpty ? name : "\(path).\(name)", expected: expected)
    }

    func string(_ name: String) throws(StripeDecodingError) -> String {
        guard let text = try required(name, "text").string else { throw failure(name, "text") }
        return text
    }

    func optionalString(_ name: String) throws(StripeDecodingError) -> String? {
        optional(name) == nil ? nil : try string(name)
    }

    /// A whole number, written as one: no fraction, no exponent.
    func integer(_ name: String) throws(StripeDecodingError) -> Int64 {
        guard let text = try required(name, "whole number").numberText, let number = Int64(text) else {
            throw failure(name, "whole number")
        }
        return number
    }

    func optionalInteger(_ name: String) throws(StripeDecodingError) -> Int64? {
        optional(name) == nil ? nil : try integer(name)
    }

    /// A number as it was written, to be shown and never computed with.
    func optionalNumberText(_ name: String) throws(StripeDecodingError) -> String? {
        guard let field = optional(name) else { return nil }
        guard let text = field.numberText else { throw failure(name, "number") }
        return text
    }

    /// Seconds since 1970, as milliseconds.
    func time(_ name: String) throws(StripeDecodingError) -> Int64 {
        let (milliseconds, overflow) = try integer(name).multipliedReportingOverflow(by: 1000)
        guard !overflow else { throw failure(name, "time") }
        return milliseconds
    }

    func optionalTime(_ name: String) throws(StripeDecodingError) -> Int64? {
        optional(name) == nil ? nil : try time(name)
    }

    func bool(_ name: String) throws(StripeDecodingError) -> Bool {
        guard let isTrue = try required(name, "truth value").bool else { throw failure(name, "truth value") }
        return isTrue
    }

    func optionalBool(_ name: String) throws(StripeDecodingError) -> Bool? {
        optional(name) == nil ? nil : try bool(name)
    }

    func id(_ name: String = "id") throws(StripeDecodingError) -> StripeID {
        guard let id = StripeID(try string(name)) else { throw failure(name, "identifier") }
        return id
    }

    func open<Known>(_ name: String) throws(StripeDecodingError) -> StripeOpen<Known> { StripeOpen(try string(name)) }

    func optionalOpen<Known>(_ name: String) throws(StripeDecodingError) -> StripeOpen<Known>? {
        try optionalString(name).map { StripeOpen($0) }
    }

    /// The identifier of another object, which stands here itself or by its identifier alone.
    func optionalReference(_ name: String) throws(StripeDecodingError) -> StripeID? {
        guard let field = optional(name) else { return nil }
        guard let id = (field.string ?? field["id"]?.string).flatMap({ StripeID($0) }) else {
            throw failure(name, "identifier or object")
        }
        return id
    }

    func reference(_ name: String) throws(StripeDecodingError) -> StripeID {
        guard let id = try optionalReference(name) else { throw failure(name, "identifier or object") }
        return id
    }

    func object<Object: StripeObject>(_ name: String) throws(StripeDecodingError) -> Object {
        try Object(child(name, try required(name, "object")))
    }

    func optionalObject<Object: StripeObject>(_ name: String) throws(StripeDecodingError) -> Object? {
        optional(name) == nil ? nil : try object(name)
    }

    func list<Object: StripeObject>(_ name: String) throws(StripeDecodingError) -> [Object] {
        let field = try required(name, "list")
        guard field.kind == .array else { throw failure(name, "list") }
        var objects: [Object] = []
        objects.reserveCapacity(field.count)
        for (index, element) in field.elements.enumerated() {
            guard element.kind == .object else { throw failure("\(name)[\(index)]", "object") }
            objects.append(try Object(child("\(name)[\(index)]", element)))
        }
        return objects
    }

    /// The texts of a list; none where it is absent.
    func strings(_ name: String) throws(StripeDecodingError) -> [String] {
        guard let field = optional(name) else { return [] }
        let texts = field.elements.compactMap(\.string)
        guard field.kind == .array, texts.count == field.count else { throw failure(name, "list of texts") }
        return texts
    }

    /// Texts by name; none where it is absent.
    func metadata(_ name: String = "metadata") throws(StripeDecodingError) -> [String: String] {
        guard let field = optional(name) else { return [:] }
        guard field.kind == .object else { throw failure(name, "map of texts") }
        var texts: [String: String] = [:]
        for (key, value) in field.members {
            guard let text = value.string else { throw failure("\(name).\(key)", "text") }
            texts[key] = text
        }
        return texts
    }

    func fields(_ name: String) throws(StripeDecodingError) -> StripeFields? {
        guard let field = optional(name) else { return nil }
        guard field.kind == .object else { throw failure(name, "object") }
        return child(name, field)
    }

    private func child(_ name: String, _ field: JSONValue) -> StripeFields {
        StripeFields(field, path: path.isEmpty ? name : "\(path).\(name)")
    }
}
