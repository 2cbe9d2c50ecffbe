import NIOCore

/// Writes a reply as the bytes of an HTTP/1.1 response, in one buffer.
enum ReplyEncoder {
    /// What the connection adds to a reply.
    struct Frame {
        let trace: TraceID
        let date: String
        let closes: Bool
        let isHead: Bool
    }

    /// Appends the response. The body goes with it unless the request was `HEAD` or the status has none.
    ///
    /// - Precondition: the header fields are `areSendable`.
    static func encode(_ reply: Reply, _ frame: Frame, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(statusLine(reply.status))
        buffer.writeStaticString("\r\ndate: ")
        buffer.writeString(frame.date)
        buffer.writeStaticString("\r\ntrace-id: ")
        buffer.writeString(frame.trace.description)
        let hasBody = reply.status != 204 && reply.status != 304
        if hasBody {
            if !reply.body.isEmpty {
                buffer.writeStaticString("\r\ncontent-type: ")
                buffer.writeString(reply.contentType)
            }
            buffer.writeStaticString("\r\ncontent-length: ")
            buffer.writeString(String(reply.body.count))
        }
        for header in reply.headers {
            buffer.writeStaticString("\r\n")
            buffer.writeString(header.name)
            buffer.writeStaticString(": ")
            buffer.writeString(header.value)
        }
        buffer.writeStaticString(frame.closes ? "\r\nconnection: close\r\n\r\n" : "\r\n\r\n")
        if hasBody, !frame.isHead { buffer.writeBytes(reply.body) }
    }

    /// Whether every name and value can stand in a response: no control characters (RFC 9110, section 5.5).
    static func areSendable(_ reply: Reply) -> Bool {
        func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 } }
        func isToken(_ text: String) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
        }
        guard (200...599).contains(reply.status), isPlain(reply.contentType) else { return false }
        return reply.headers.allSatisfy { isToken($0.name) && isPlain($0.value) }
    }

    private static func statusLine(_ status: Int) -> String {
        switch status {
        case 200: "200 OK"
        case 201: "201 Created"
        case 202: "202 Accepted"
        case 204: "204 No Content"
        case 207: "207 Multi-Status"
        case 301: "301 Moved Permanently"
        case 302: "302 Found"
        case 303: "303 See Other"
        case 304: "304 Not Modified"
        case 400: "400 Bad Request"
        case 401: "401 Unauthorized"
        case 402: "402 Payment Required"
        case 403: "403 Forbidden"
        case 404: "404 Not Found"
        case 405: "405 Method Not Allowed"
        case 408: "408 Request Timeout"
        case 409: "409 Conflict"
        case 410: "410 Gone"
        case 413: "413 Content Too Large"
        case 414: "414 URI Too Long"
        case 415: "415 Unsupported Media Type"
        case 422: "422 Unprocessable Content"
        case 429: "429 Too Many Requests"
        case 431: "431 Request Header Fields Too Large"
        case 500: "500 Internal Server Error"
        case 501: "501 Not Implemented"
        case 503: "503 Service Unavailable"
        default: "\(status) "
        }
    }
}

/// The `date` header field (RFC 9110, section 5.6.7), made once a second.
package struct DateField {
    private var second: Int64 = .min
    private var text = ""

    package init() {}

    /// The field's value at a time in Unix milliseconds.
    package mutating func value(at milliseconds: Int64) -> String {
        let now = milliseconds / 1000
        if now != second {
            second = now
            text = Self.text(of: now)
        }
        return text
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(of seconds: Int64) -> String {
        let (days, time) = CivilDate.split(seconds, by: 86_400)
        let date = CivilDate(daysSince1970: days)
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][CivilDate.split(Int64(days), by: 7).rest]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = [time / 3600, time / 60 % 60, time % 60].map { Timestamp.pad($0, 2) }.joined(separator: ":")
        return "\(weekday), \(Timestamp.pad(date.day, 2)) \(months[date.month - 1]) \(date.year) \(clock) GMT"
    }
}
