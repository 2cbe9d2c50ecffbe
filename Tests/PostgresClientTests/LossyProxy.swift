import Glibc
import PostgresClient
import PostgresFixture

/// A relay between a client and the server that loses the answer to one request.
///
/// It passes everything on until the client has sent a marker; that request still reaches the server, but nothing
/// comes back any more.
final class LossyProxy: Sendable {
    let databaseURL: String
    private let listener: Int32
    private let directory: String

    /// - Parameters:
    ///   - url: the server's connection string, by way of a socket.
    ///   - marker: the text after which answers are lost.
    ///   - staysOpen: whether the client's connection stays open, silently, instead of being closed.
    init(before url: String, cutsAfter marker: String, staysOpen: Bool = false) throws {
        directory = try TemporaryDirectory.make("mjn-proxy")
        let host = url.split(separator: "host=")[1].prefix { $0 != "&" }
        let server = "\(host)/.s.PGSQL.5432"
        databaseURL = url.replacing(host, with: directory)
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(directory + "/.s.PGSQL.5432")
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        precondition(isBound && listen(listener, 4) == 0, "the proxy cannot listen")
        _ = DedicatedThread.spawn(name: "proxy") { [listener] in
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            Self.relay(client, server, Array(marker.utf8), staysOpen)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        unlink(directory + "/.s.PGSQL.5432")
        rmdir(directory)
    }

    private static func relay(_ client: Int32, _ server: String, _ marker: [UInt8], _ staysOpen: Bool) {
        let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var target = address(server)
        let isConnected = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        var isCut = !isConnected
        var isOpen = isConnected
        while isOpen {
            var ends = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: upstream, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&ends, 2, -1)
            if ends[0].revents != 0 {
                let bytes = receive(client)
                if bytes.isEmpty { break }
                _ = send(upstream, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                if contains(bytes, marker) { isCut = true }
            }
            if ends[1].revents != 0 {
                let bytes = receive(upstream)
                if bytes.isEmpty { break }
                if isCut {
                    isOpen = staysOpen
                } else {
                    _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                }
            }
        }
        close(client)
        close(upstream)
    }

    private static func receive(_ end: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(end, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    private static func contains(_ bytes: [UInt8], _ marker: [UInt8]) -> Bool {
        guard bytes.count >= marker.count else { return false }
        return (0...(bytes.count - marker.count)).contains { bytes[$0..<$0 + marker.count].elementsEqual(marker) }
    }

    private static func address(_ path: String) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return address
    }
}
