import Foundation
import Service

/// The ports: free, or a service of ours.
enum PortChecks {
    static func all(offset: Int) async -> [Check] {
        var checks: [Check] = []
        for service in NodeRuntime.available {
            guard let port = ServicePorts.port(of: service, offset: offset) else {
                checks.append(
                    .fail("port", "--port-offset \(offset) leaves none for \(service)", fix: "choose another"))
                continue
            }
            checks.append(await check(service, port))
        }
        return checks
    }

    private static func check(_ service: String, _ port: Int) async -> Check {
        let name = "port \(port)"
        if LocalPort.isFree(port) { return .ok(name, "free for \(service)") }
        do throws(CLIFailure) {
            let client = try NodeClient("http://127.0.0.1:\(port)")
            guard try await client.send(.get, "/api/health").status == 200 else { return stranger(name, service) }
            let ready = try await client.send(.get, "/api/ready")
            guard ready.status != 200 else { return .ok(name, "\(service) serves there") }
            let reason = String(decoding: ready.body.prefix(200), as: UTF8.self)
            return .fail(name, "\(service) is alive and not ready: \(reason)", fix: "see the node's log")
        } catch {
            return stranger(name, service)
        }
    }

    private static func stranger(_ name: String, _ service: String) -> Check {
        .warn(name, "another program has it, so \(service) cannot start", fix: "end that program, or use --port-offset")
    }
}

/// Ports of this machine.
enum LocalPort {
    /// Whether a service could listen there now.
    static func isFree(_ port: Int) -> Bool {
        guard let number = in_port_t(exactly: port) else { return false }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
        }
    }
}
