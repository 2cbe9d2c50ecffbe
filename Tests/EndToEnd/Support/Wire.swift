import Foundation

/// What can happen to a connection.
enum WireFailure: Error, Equatable {
    /// Nobody listens.
    case refused
    /// It ended before the whole answer was here.
    case lost
    /// No whole answer in time.
    case timedOut
}

/// One HTTP/1.1 connection over loopback that sends exactly the bytes it is given.
final class Wire {
    private let socket: Int32
    private var received: [UInt8] = []

    init(port: Int) throws(WireFailure) {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let result = Self.withAddress(port) { connect(socket, $0, $1) }
        // `deinit` closes the socket, also after this.
        guard result == 0 else { throw .refused }
    }

    deinit { close(socket) }

    /// Whether a port is free.
    static func canBind(_ port: Int) -> Bool {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        return withAddress(port) { bind(socket, $0, $1) } == 0
    }

    private static func withAddress<R>(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    func send(_ bytes: [UInt8]) throws(WireFailure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .lost }
            sent += count
        }
    }

    /// Says that nothing more will be sent.
    func finish() { shutdown(socket, Int32(SHUT_WR)) }

    /// Reads one answer.
    func receive(within seconds: Double = 30) throws(WireFailure) -> Answer {
        let end = Date(timeIntervalSinceNow: seconds)
        while true {
            if let (answer, length) = Answer.parse(received) {
                received.removeFirst(length)
                return answer
            }
            try read(until: end)
        }
    }

    /// Whether the server closes the connection in this time.
    func isClosed(within seconds: Double) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while true {
            do { try read(until: end) } catch { return error == .lost }
        }
    }

    private func read(until end: Date) throws(WireFailure) {
        let left = Int32(max(0, end.timeIntervalSinceNow) * 1000)
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        let ready = poll(&waiting, 1, left)
        if ready < 0, errno == EINTR { return }
        guard ready > 0 else { throw .timedOut }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(socket, &buffer, buffer.count, 0)
        if count < 0, errno == EINTR { return }
        guard count > 0 else { throw .lost }
        received += buffer[..<count]
    }
}
