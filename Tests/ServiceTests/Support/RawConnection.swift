import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A TCP connection to a service under test, byte by byte: what an HTTP library would not send can be sent here.
final class RawConnection: @unchecked Sendable {
    // Used by one test at a time; each call runs on a thread of its own and is awaited.
    private let descriptor: Int32
    private var received: [UInt8] = []

    struct Response {
        var status: Int
        var headers: [String: String]
        var body: [UInt8]

        var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:] }
        var code: String? { json["code"] as? String }
    }

    enum Failure: Error { case closed(afterBytes: Int), timedOut, cannotConnect, notHTTP(String) }

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
        guard result == 0 else { throw Failure.cannotConnect }
    }

    deinit { Glibc.close(descriptor) }

    /// Sends bytes; false when the peer has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) async -> Bool {
        await onThread {
            var offset = 0
            while offset < bytes.count {
                let count = bytes[offset...].withUnsafeBytes { write(self.descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { return false }
                offset += count
            }
            return true
        }
    }

    @discardableResult
    func send(_ text: String) async -> Bool { await send(Array(text.utf8)) }

    /// Closes the sending half.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next response; waits at most ten seconds for each part of it.
    func response(toHead: Bool = false) async throws -> Response {
        try await onThread {
            while true {
                if let response = try self.parse(toHead) { return response }
                try self.receive()
            }
        }
    }

    /// Whether the peer closes without sending more.
    func isClosed() async throws -> Bool {
        try await onThread {
            do {
                try self.receive()
                return false
            } catch Failure.closed(let bytes) {
                return bytes == 0
            }
        }
    }

    private func receive() throws {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, 10_000) == 1 else { throw Failure.timedOut }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { throw Failure.closed(afterBytes: received.count) }
        received += buffer[..<count]
    }

    private func parse(_ toHead: Bool) throws -> Response? {
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
        let length = toHead ? 0 : Int(headers["content-length"] ?? "0") ?? 0
        guard received.count >= end.upperBound + length else { return nil }
        let body = Array(received[end.upperBound..<(end.upperBound + length)])
        received.removeFirst(end.upperBound + length)
        return Response(status: status, headers: headers, body: body)
    }
}

/// Runs blocking work on a thread of its own, so that it takes none from the tasks.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}

func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}
