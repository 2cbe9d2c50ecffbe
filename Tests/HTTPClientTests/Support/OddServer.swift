import ChildProcesses
import Foundation
import HTTPClient
import Testing

/// The server of `python/odd_server.py`, in a process of its own.
final class OddServer: Sendable {
    enum Speech: Sendable { case plain, tls(Certificate), http2(Certificate) }

    /// Without a slash at its end.
    let base: String
    let port: Int
    private let server: ChildServer

    private init(_ speech: Speech) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "python/odd_server.py").path
        let command = [Subprocess.python, script]
        switch speech {
        case .plain: server = try ChildServer(command)
        case .tls(let certificate): server = try ChildServer(command + [certificate.file, certificate.key])
        case .http2(let certificate): server = try ChildServer(command + [certificate.file, certificate.key, "h2"])
        }
        port = try #require(Int(try server.firstLine()))
        if case .plain = speech { base = "http://127.0.0.1:\(port)" } else { base = "https://localhost:\(port)" }
    }

    /// A test holds one server. More of them at once would only wait for processors, and meet their deadlines.
    private static let turnstile = Turnstile(4)

    /// Runs a body with a server, and ends the server.
    static func with<Value>(_ speech: Speech = .plain, _ body: (OddServer) async throws -> Value) async throws -> Value
    {
        await turnstile.enter()
        defer { turnstile.leave() }
        let server = try await Subprocess.blocking { try OddServer(speech) }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(server))
        } catch {
            result = .failure(error)
        }
        try await Subprocess.blocking { server.server.process.end() }
        return try result.get()
    }

    /// Waits until the server has seen what the path asks for, asked by another client.
    func wait(_ path: String) async throws {
        let client = try HTTPClient(HTTPClientConfiguration(egress: .any, deadline: .seconds(40)))
        let status = try await client.send(HTTPRequest(.get, base + path)).status
        await client.shutdown()
        try #require(status == 200, "\(path) never came")
    }

    /// What the server saw, asked by another client.
    func counts() async throws -> Counts {
        let client = try HTTPClient(HTTPClientConfiguration(egress: .any))
        let body = try await client.send(HTTPRequest(.get, base + "/counts")).body
        await client.shutdown()
        return try JSONDecoder().decode(Counts.self, from: Data(body))
    }

    struct Counts: Decodable {
        let connections: Int
        let requests: [String: Int]
        let atOnceMax: [String: Int]

        enum CodingKeys: String, CodingKey {
            case connections, requests
            case atOnceMax = "at_once_max"
        }
    }
}

/// What `/echo` answers.
struct Echo: Decodable {
    let method: String
    let target: String
    let headers: [[String]]
    let connection: Int
    let body: Data

    init(_ response: HTTPResponse) throws {
        self = try JSONDecoder().decode(Echo.self, from: Data(response.body))
    }

    func values(of name: String) -> [String] {
        headers.filter { $0.first?.lowercased() == name.lowercased() }.map { $0.last ?? "" }
    }
}
