/// A request that passed every check of its form, ready to be handed to libcurl.
struct PreparedRequest: Sendable {
    let method: HTTPMethod
    let target: HTTPTarget
    /// Lines as libcurl takes them: `name: value`, and `name;` where the value is empty.
    let headerLines: [String]
    let body: [UInt8]
    let responseBytesMax: Int

    /// Names and values together: what servers take.
    static let headerBytesMax = 64 * 1024

    /// These follow from the address, the body and the connection. Set by hand they would let one request be read as
    /// two, or as one to somebody else (RFC 9112, section 11.2).
    static let reservedNames = [
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer",
        "Upgrade", "Expect", "HTTP2-Settings",
    ]

    /// - Throws: `addressInvalid`, `requestInvalid`.
    init(_ request: HTTPRequest, userAgent: String, responseBytesMax: Int) throws(HTTPError) {
        target = try HTTPTarget(request.url)
        method = request.method
        guard request.body.isEmpty || method.allowsBody else {
            throw HTTPError(.requestInvalid, .nothingSent, "a \(method.rawValue) request has no body")
        }
        body = request.body
        var headers = request.headers
        if headers["User-Agent"] == nil { headers.set("User-Agent", userAgent) }
        guard headers.fields.reduce(0, { $0 + $1.name.utf8.count + $1.value.utf8.count }) <= Self.headerBytesMax else {
            throw HTTPError(.requestInvalid, .nothingSent, "the headers are too long")
        }
        for field in headers.fields { try Self.check(field) }
        // libcurl adds these of its own accord; a name without a value takes them away.
        var lines = ["Expect:"]
        if headers["Content-Type"] == nil { lines.append("Content-Type:") }
        lines += headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        headerLines = lines
        self.responseBytesMax = max(0, request.responseBytesMax ?? responseBytesMax)
    }

    /// A name is a token; a value holds no control characters but tabs, and no space around it (RFC 9110, section 5).
    private static func check(_ field: HTTPHeaders.Field) throws(HTTPError) {
        guard !field.name.isEmpty, field.name.utf8.allSatisfy(isTokenByte) else {
            throw HTTPError(.requestInvalid, .nothingSent, "a header's name is no token")
        }
        guard !reservedNames.contains(where: { HTTPHeaders.isSame($0, field.name) }) else {
            throw HTTPError(.requestInvalid, .nothingSent, "header \(field.name) is set by the client")
        }
        let value = field.value.utf8
        let isSpaced = [value.first, value.last].contains { $0.map { $0 == 0x20 || $0 == 0x09 } ?? false }
        guard !isSpaced, value.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
            throw HTTPError(.requestInvalid, .nothingSent, "the value of header \(field.name) must not be sent")
        }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: Array("!#$%&'*+-.^_`|~".utf8).contains(byte)
        }
    }
}
