/// A JSON schema (2020-12, as OpenAPI 3.1 uses it) as a value. It describes; it does not validate.
public struct Schema: Sendable {
    indirect enum Kind: Sendable {
        case any
        case null
        case boolean
        case string(format: String?, pattern: String?, minLength: Int?, maxLength: Int?)
        case integer(minimum: Int64?, maximum: Int64?)
        case enumeration([String])
        case array(Schema, maxItems: Int?)
        case object([Member], additional: Bool)
        case map(Schema)
        case oneOf([Schema])
        case nullable(Schema)
        case named(String, Schema)
    }

    /// One member of an object.
    public struct Member: Sendable {
        let name: String
        let schema: Schema
        let isRequired: Bool

        /// A member that is always there.
        public static func required(_ name: String, _ schema: Schema) -> Member {
            Member(name: name, schema: schema, isRequired: true)
        }

        /// A member that may be left out.
        public static func optional(_ name: String, _ schema: Schema) -> Member {
            Member(name: name, schema: schema, isRequired: false)
        }
    }

    let kind: Kind
    var about: String?
    var exampleJSON: String?

    init(_ kind: Kind, about: String? = nil) {
        self.kind = kind
        self.about = about
    }

    /// Any JSON value.
    public static var any: Schema { Schema(.any) }
    /// `true` or `false`.
    public static var boolean: Schema { Schema(.boolean) }
    /// Any string.
    public static var string: Schema { .string() }
    /// Any 64-bit integer.
    public static var integer: Schema { .integer() }
    /// An RFC 3339 date and time in UTC.
    public static var dateTime: Schema { .string(format: "date-time") }
    /// A DID.
    public static var did: Schema { .string("A DID.", pattern: "^did:[a-z0-9]+:.+$", maxLength: 200) }

    /// A string.
    public static func string(
        _ about: String? = nil, format: String? = nil, pattern: String? = nil, minLength: Int? = nil,
        maxLength: Int? = nil
    ) -> Schema {
        Schema(.string(format: format, pattern: pattern, minLength: minLength, maxLength: maxLength), about: about)
    }

    /// An integer in a range.
    public static func integer(_ about: String? = nil, minimum: Int64? = nil, maximum: Int64? = nil) -> Schema {
        Schema(.integer(minimum: minimum, maximum: maximum), about: about)
    }

    /// One of these strings.
    public static func enumeration(_ values: [String], _ about: String? = nil) -> Schema {
        Schema(.enumeration(values), about: about)
    }

    /// A list.
    public static func array(of element: Schema, _ about: String? = nil, maxItems: Int? = nil) -> Schema {
        Schema(.array(element, maxItems: maxItems), about: about)
    }

    /// An object with these members, and others when `additional`.
    public static func object(_ members: [Member], _ about: String? = nil, additional: Bool = false) -> Schema {
        Schema(.object(members, additional: additional), about: about)
    }

    /// An object with any names whose values have one schema.
    public static func map(of value: Schema, _ about: String? = nil) -> Schema {
        Schema(.map(value), about: about)
    }

    /// Exactly one of these.
    public static func oneOf(_ schemas: [Schema], _ about: String? = nil) -> Schema {
        Schema(.oneOf(schemas), about: about)
    }

    /// This, or null.
    public static func nullable(_ schema: Schema) -> Schema { Schema(.nullable(schema)) }

    /// A schema that stands once under `components` and is referred to by name. Names are unique in a service.
    public static func named(_ name: String, _ schema: Schema) -> Schema { Schema(.named(name, schema)) }

    /// A page of a list, as `Reply.page(_:next:)` writes it.
    public static func page(of element: Schema) -> Schema {
        .object([
            .required("data", .array(of: element)),
            .required("next_cursor", .nullable(.string("Pass as `cursor` for the next page; null on the last one."))),
        ])
    }

    /// This schema with a description.
    public func described(_ text: String) -> Schema {
        var schema = self
        schema.about = text
        return schema
    }

    /// This schema with an example, given as a JSON text.
    public func example(_ json: String) -> Schema {
        var schema = self
        schema.exampleJSON = json
        return schema
    }
}
