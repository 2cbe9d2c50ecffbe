/// Gathers a response from the lines and pieces that libcurl hands over, within limits. A value that decides.
struct ResponseCollector {
    enum Fault: Equatable {
        case headersTooLong
        case bodyTooLong
        case malformed
    }

    /// All header lines of all interim responses and trailers together: four times what servers send at most.
    static let headerBytesMax = 64 * 1024

    private let bodyBytesMax: Int
    private var headerBytes = 0
    private var status = 0
    private var fields: [HTTPHeaders.Field] = []
    private var isComplete = false
    private var body: [UInt8] = []

    /// What was wrong, once it was.
    private(set) var fault: Fault?

    init(bodyBytesMax: Int) { self.bodyBytesMax = bodyBytesMax }

    /// The status, once all headers of a final response are there.
    var finalStatus: Int? { isComplete ? status : nil }

    /// The response; nil where its headers never ended.
    var response: HTTPResponse? {
        isComplete ? HTTPResponse(status: status, headers: HTTPHeaders(fields), body: body) : nil
    }

    /// Takes one line, its end included. False: stop.
    mutating func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= Self.headerBytesMax else { return stop(.headersTooLong) }
        let text = Self.trimmed(line[...])
        // Trailers come after the body; nobody asked for them.
        if isComplete { return true }
        if text.isEmpty {
            isComplete = status >= 200
            return true
        }
        if text.starts(with: "HTTP/".utf8) { return takeStatus(text) }
        if line.first == 0x20 || line.first == 0x09 { return takeContinuation(text) }
        guard let colon = text.firstIndex(of: 0x3A), colon > text.startIndex else { return stop(.malformed) }
        let name = String(decoding: text[..<colon], as: UTF8.self)
        let value = String(decoding: Self.trimmed(text[(colon + 1)...]), as: UTF8.self)
        fields.append(HTTPHeaders.Field(name: name, value: value))
        return true
    }

    /// Takes a piece of the body. False: stop.
    mutating func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= bodyBytesMax - body.count else { return stop(.bodyTooLong) }
        body.append(contentsOf: bytes)
        return true
    }

    /// A new response begins: the first, the one after an interim one, or that of another attempt.
    private mutating func takeStatus(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        let parts = text.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: true)
        guard parts.count >= 2, parts[1].count == 3, let number = Int(String(decoding: parts[1], as: UTF8.self)),
            number >= 100
        else { return stop(.malformed) }
        status = number
        fields = []
        return true
    }

    /// A folded line is joined by a space (RFC 9112, section 5.2).
    private mutating func takeContinuation(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let last = fields.popLast() else { return stop(.malformed) }
        let value = last.value + " " + String(decoding: text, as: UTF8.self)
        fields.append(HTTPHeaders.Field(name: last.name, value: value))
        return true
    }

    private mutating func stop(_ fault: Fault) -> Bool {
        self.fault = fault
        return false
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
        var bytes = bytes.drop(while: isSpace)
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return bytes
    }
}
