public import Cryptography

/// What a handler answers: a status, header fields, and the whole body in memory.
public struct Reply: Sendable {
    /// The status, 200 to 599.
    public var status: Int
    /// The body's media type; not sent when the body is empty.
    public var contentType: String
    /// Further header fields. `content-length`, `content-type`, `date`, `connection` and `trace-id` are the
    /// service's. A value with a control character turns the reply into 500 `internal_error`.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]

    /// Makes a reply.
    public init(status: Int, contentType: String, headers: [(name: String, value: String)] = [], body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// A JSON reply from bytes that are JSON already.
    public static func json(_ status: Int = 200, _ body: [UInt8]) -> Reply {
        Reply(status: status, contentType: "application/json", body: body)
    }

    /// A JSON reply written by `write`, which must write exactly one value.
    public static func json(_ status: Int = 200, _ write: (inout JSONWriter) -> Void) -> Reply {
        var writer = JSONWriter()
        write(&writer)
        return Reply(status: status, contentType: "application/json", body: writer.bytes)
    }

    /// A reply without a body.
    public static func empty(_ status: Int = 204) -> Reply {
        Reply(status: status, contentType: "", body: [])
    }

    /// A text reply in UTF-8.
    public static func text(
        _ status: Int = 200, _ text: String, contentType: String = "text/plain; charset=utf-8"
    ) -> Reply {
        Reply(status: status, contentType: contentType, body: Array(text.utf8))
    }

    /// One page of a list: `{"data":[…],"next_cursor":…}`.
    ///
    /// - Parameters:
    ///   - items: each a JSON text.
    ///   - next: the bytes that `Call.page` gives back for the next page; nil on the last one.
    public static func page(_ items: [[UInt8]], next: [UInt8]?) -> Reply {
        json { writer in
            writer.beginObject()
            writer.key("data")
            writer.beginArray()
            for item in items { writer.raw(item) }
            writer.endArray()
            writer.key("next_cursor")
            if let next { writer.string(Base64URL.encode(next)) } else { writer.null() }
            writer.endObject()
        }
    }

    /// This reply with one more header field.
    public func header(_ name: String, _ value: String) -> Reply {
        var reply = self
        reply.headers.append((name, value))
        return reply
    }
}
