import Glibc
import PostgresFixture

/// A socket that takes connections and never answers.
final class SilentServer {
    let directory: String
    private let listener: Int32

    init() throws {
        directory = try TemporaryDirectory.make("mjn-silent")
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = directory + "/.s.PGSQL.5432"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        precondition(isBound && listen(listener, 4) == 0, "the server cannot listen")
    }

    deinit {
        close(listener)
        unlink(directory + "/.s.PGSQL.5432")
        rmdir(directory)
    }
}
