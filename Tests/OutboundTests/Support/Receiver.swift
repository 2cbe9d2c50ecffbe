import ChildProcesses
import Cryptography
import Foundation
import HTTPClient
import PythonRunning
import Testing

/// The receiver of `python/receiver.py`, in a process of its own.
final class Receiver: Sendable {
    let port: Int
    private let server: ChildServer
    private let client: HTTPClient

    private init() throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "python/receiver.py").path
        server = try ChildServer(Python.command([script]))
        port = try #require(Int(try server.firstLine()), "the receiver does not start")
        client = try HTTPClient(HTTPClientConfiguration(egress: .any, responseBytesMax: 32 << 20))
    }

    /// Runs a body with a receiver, and ends it.
    static func with(_ body: (Receiver) async throws -> Void) async throws {
        let receiver = try Receiver()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(receiver))
        } catch {
            result = .failure(error)
        }
        await receiver.client.shutdown()
        receiver.server.process.end()
        try result.get()
    }

    func url(_ path: String = "/ok") -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Says which secrets it knows.
    func know(_ secrets: [WebhookSecretText]) async throws {
        var out = JSONWriter()
        out.beginArray()
        for secret in secrets { out.string(secret) }
        out.endArray()
        let answer = try await client.send(HTTPRequest(.post, url("/control/secrets"), body: out.bytes))
        #expect(answer.status == 204)
    }

    /// What came so far, in order.
    func seen(_ path: String? = nil) async throws -> [Seen] {
        let answer = try await client.send(HTTPRequest(.get, url("/control/seen")))
        let all = try JSONDecoder().decode([Seen].self, from: Data(answer.body))
        return all.filter { path == nil || $0.path == path }
    }

    typealias WebhookSecretText = String

    /// A delivery as it came.
    struct Seen: Decodable {
        let path: String
        let id: String
        let timestamp: String
        let signatures: Int
        /// Which of the known secrets verify it.
        let verified: [Int]
        let body: String

        var json: JSONValue {
            get throws { try JSONDocument(parsing: body).root }
        }
    }
}

/// Waits until a condition holds, 20 seconds at most.
func eventually(
    _ what: Comment, within seconds: Int = 20, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record(what, sourceLocation: sourceLocation)
    throw NeverHappened()
}

struct NeverHappened: Error {}
