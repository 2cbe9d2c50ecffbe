import Cryptography
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What a service answered.
struct Response: Sendable {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON; null when it is none.
    var json: JSONValue {
        for candidate in [body, Array("null".utf8)] {
            if let document = try? JSONDocument(parsing: candidate, limits: .batch) { return document.root }
        }
        preconditionFailure("null is JSON")
    }

    var code: String? { json["code"]?.string }
    var isReplayed: Bool { headers["idempotent-replayed"] == "true" }
}

/// A connection to a service on this machine. Its calls block: use it on a thread of its own.
final class HTTPConnection {
    enum Failure: Error { case cannotConnect(Int32), closed, timedOut, notHTTP(String) }

    private let descriptor: Int32
    private var received: [UInt8] = []

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure.cannotConnect(errno) }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure.closed }
            offset += count
        }
    }

    /// The next response; waits at most 30 seconds for each part of it.
    func receive() throws -> Response {
        while true {
            if let response = try parse() { return response }
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, 30_000) == 1 else { throw Failure.timedOut }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { throw Failure.closed }
            received += buffer[..<count]
        }
    }

    private func parse() throws -> Response? {
        guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let start = lines[0].split(separator: " ")
        guard start.count >= 2, start[0] == "HTTP/1.1", let status = Int(start[1]) else {
            throw Failure.notHTTP(lines[0])
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let bodyEnd = end.upperBound + (Int(headers["content-length"] ?? "0") ?? 0)
        guard received.count >= bodyEnd else { return nil }
        let body = Array(received[end.upperBound..<bodyEnd])
        received.removeFirst(bodyEnd)
        return Response(status: status, headers: headers, body: body)
    }
}

/// Runs blocking work on a thread of its own, so that it takes none from the tasks.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}
