import Cryptography
import HTTPClient
import Logging
import Outbound
import Service
import Synchronization
import Testing

/// A service that may call, with its key.
struct Caller: Sendable {
    let key: Ed25519PrivateKey
    let did: DID

    init(_ name: String) throws {
        key = try Ed25519PrivateKey(seed: SHA256.hash(Array("mjn webhook test key \(name)".utf8)))
        did = DID(publicKey: key.publicKey)
    }
}

/// The routes on a loopback port, and somebody who calls them.
final class RouteClient: Sendable {
    let service: HTTPService
    private let port: Int
    private let client: HTTPClient
    private let sent = Mutex<(nonce: Int, exchanges: [Exchange])>((0, []))

    init(_ webhooks: OutboundWebhooks) async throws {
        var configuration = ServiceConfiguration(
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        configuration.signatures = SignaturePolicy(origins: try PublicOrigins([], allowLoopback: true))
        service = try HTTPService(name: "pay", port: 0, routes: webhooks.routes, configuration: configuration)
        let running = service
        Task { try? await running.run() }
        port = try await service.boundPort()
        client = try HTTPClient(HTTPClientConfiguration(egress: .any))
    }

    func close() async { await client.shutdown() }

    var exchanges: [Exchange] { sent.withLock { $0.exchanges } }

    /// What was answered.
    struct Answer {
        let status: Int
        let body: [UInt8]
        var json: JSONValue { get throws { try JSONDocument(parsing: body).root } }
        var code: String? { try? json["code"]?.string }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Sends a request.
    /// - Parameter id: takes the place of the template's `{id}`.
    @discardableResult
    func send(
        _ method: Method, _ template: String, id: String = "", query: String = "", _ body: String = "",
        by caller: Caller?
    ) async throws -> Answer {
        let target = template.replacing("{id}", with: id) + query
        let method2 = try #require(HTTPMethod(rawValue: method.rawValue))
        var headers = HTTPHeaders()
        if !body.isEmpty { headers.append("content-type", "application/json") }
        if let caller {
            let nonce = sent.withLock { sent in
                sent.nonce += 1
                return sent.nonce
            }
            let signed = RequestSigner(key: caller.key, did: caller.did).headers(
                method: method, authority: "127.0.0.1:\(port)", target: target, body: Array(body.utf8),
                created: SystemClock.milliseconds() / 1000, nonce: "n\(nonce)")
            for (name, value) in signed { headers.append(name, value) }
        }
        let response = try await client.send(
            HTTPRequest(method2, "http://127.0.0.1:\(port)\(target)", headers: headers, body: Array(body.utf8)))
        let answer = Answer(status: response.status, body: response.body)
        sent.withLock {
            $0.exchanges.append(
                Exchange(method: method.rawValue, path: template, status: answer.status, body: answer.text))
        }
        return answer
    }
}
