/// A query or path parameter of a route, as the specification lists it.
public struct Parameter: Sendable {
    enum Place: String, Sendable {
        case query
        case path
    }

    let place: Place
    let name: String
    let schema: Schema
    let about: String
    let isRequired: Bool

    /// A query parameter.
    public static func query(
        _ name: String, _ schema: Schema = .string, _ about: String, required: Bool = false
    ) -> Parameter {
        Parameter(place: .query, name: name, schema: schema, about: about, isRequired: required)
    }

    /// A path parameter, where more is to be said of it than that it is a string.
    public static func path(_ name: String, _ schema: Schema = .string, _ about: String) -> Parameter {
        Parameter(place: .path, name: name, schema: schema, about: about, isRequired: true)
    }

    /// The two parameters that `Call.page` reads.
    public static var page: [Parameter] {
        [
            .query("limit", .integer(minimum: 1), "How many items at most."),
            .query("cursor", .string(maxLength: ServiceLimits.cursor * 2), "`next_cursor` of the page before."),
        ]
    }
}

/// One answer of a route that is not a problem.
public struct ResponseSpec: Sendable {
    let status: Int
    let about: String
    let contentType: String?
    let schema: Schema?

    /// A JSON answer.
    public static func json(_ status: Int, _ about: String, _ schema: Schema) -> ResponseSpec {
        ResponseSpec(status: status, about: about, contentType: "application/json", schema: schema)
    }

    /// An answer without a body.
    public static func empty(_ status: Int, _ about: String) -> ResponseSpec {
        ResponseSpec(status: status, about: about, contentType: nil, schema: nil)
    }

    /// An answer of another media type.
    public static func text(_ status: Int, _ about: String, contentType: String = "text/plain") -> ResponseSpec {
        ResponseSpec(status: status, about: about, contentType: contentType, schema: .string)
    }
}
