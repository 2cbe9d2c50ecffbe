public import Cryptography

/// A member beyond the standard ones in a problem document.
public enum ProblemValue: Sendable {
    /// A JSON string.
    case string(String)
    /// A JSON number.
    case int(Int64)
    /// A JSON boolean.
    case bool(Bool)
    /// A JSON text, taken as it is.
    case raw([UInt8])
}

/// A refusal that a handler throws, answered as `application/problem+json` (RFC 9457).
public struct Problem: Error, Sendable {
    /// The reason, with its status.
    public var code: ProblemCode
    /// What is wrong with this request, for its sender; nothing secret, nothing of the inside.
    public var detail: String?
    /// Further members.
    public var extra: [(name: String, value: ProblemValue)]
    /// Seconds for `Retry-After`; the code's own when nil.
    public var retryAfterSeconds: Int?
    /// Further header fields of the answer, such as `Allow`.
    public var headers: [(name: String, value: String)] = []

    /// Makes a problem.
    public init(
        _ code: ProblemCode, _ detail: String? = nil, extra: [(name: String, value: ProblemValue)] = [],
        retryAfterSeconds: Int? = nil
    ) {
        self.code = code
        self.detail = detail
        self.extra = extra
        self.retryAfterSeconds = retryAfterSeconds ?? code.retryAfterSeconds
    }

    /// The HTTP status.
    public var status: Int { code.status }

    /// The problem document: `type`, `title`, `status`, `detail`, `code`, `trace_id` and the extra members.
    public func body(traceID: String) -> [UInt8] {
        var writer = JSONWriter()
        write(to: &writer, traceID: traceID)
        return writer.bytes
    }

    /// Writes the problem document as one JSON value, e.g. for a member of a batch.
    public func write(to writer: inout JSONWriter, traceID: String) {
        writer.beginObject()
        writer.key("type")
        writer.string(Problem.typePrefix + code.code)
        writer.key("title")
        writer.string(code.title)
        writer.key("status")
        writer.int(Int64(code.status))
        writer.key("detail")
        writer.string(detail ?? code.title)
        writer.key("code")
        writer.string(code.code)
        writer.key("trace_id")
        writer.string(traceID)
        for member in extra {
            writer.key(member.name)
            switch member.value {
            case .string(let text): writer.string(text)
            case .int(let number): writer.int(number)
            case .bool(let flag): writer.bool(flag)
            case .raw(let bytes): writer.raw(bytes)
            }
        }
        writer.endObject()
    }

    /// The whole answer.
    public func reply(traceID: String) -> Reply {
        var reply = Reply(
            status: code.status, contentType: "application/problem+json", headers: headers,
            body: body(traceID: traceID))
        if let seconds = retryAfterSeconds { reply.headers.append(("retry-after", String(seconds))) }
        if code.status == 401 { reply.headers.append(("www-authenticate", "Signature realm=\"mjn\"")) }
        return reply
    }

    /// Problem types are URNs: they name the code and promise no page.
    static let typePrefix = "urn:mjn:problem:"
}
