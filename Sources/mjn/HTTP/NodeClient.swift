import Cryptography
import Foundation
import HTTPClient
import Service

/// A reply of a node.
struct NodeReply: Sendable {
    let status: Int
    let body: [UInt8]
    let isReplay: Bool

    /// The body as JSON; nil when it is none.
    var json: JSONValue? { (try? JSONDocument(parsing: body, limits: .batch))?.root }
}

/// Calls one service of a node, with signed requests.
struct NodeClient: Sendable {
    /// The service's address, without a slash at its end.
    let base: String
    private let authority: String
    private let pathPrefix: String
    private let http: HTTPClient

    /// Longer than a service takes to answer: it gives up by itself before.
    static let deadline = Duration.seconds(35)
    /// Past what the reply to the largest batch has: 1,000 settlements of some hundred lines each.
    static let replyBytesMax = 64 << 20

    /// Reads an address such as `http://127.0.0.1:3004`.
    /// - Throws: exit code 64 when it is none.
    init(_ address: String) throws(CLIFailure) {
        let parts = URLComponents(string: address)
        guard let parts, let scheme = parts.scheme?.lowercased(), let host = parts.host, !host.isEmpty,
            scheme == "http" || scheme == "https", parts.query == nil, parts.fragment == nil, parts.user == nil
        else {
            throw CLIFailure(
                "\(address) is no address of a service", fix: "give one such as http://127.0.0.1:3004",
                exitCode: ExitStatus.usage)
        }
        let defaultPort = scheme == "http" ? 80 : 443
        let port = parts.port.flatMap { $0 == defaultPort ? nil : ":\($0)" } ?? ""
        authority = host.lowercased() + port
        pathPrefix =
            parts.percentEncodedPath.hasSuffix("/")
            ? String(parts.percentEncodedPath.dropLast()) : parts.percentEncodedPath
        base = scheme + "://" + authority + pathPrefix
        do {
            // The person who typed it chose the address, and most nodes are on loopback.
            http = try HTTPClient(
                HTTPClientConfiguration(
                    egress: .any, deadline: Self.deadline, responseBytesMax: Self.replyBytesMax,
                    userAgent: "mjn/\(MJN.version)"))
        } catch {
            throw CLIFailure("\(error)", exitCode: ExitStatus.unavailable)
        }
    }

    /// Sends a request and reads the reply, whatever its status.
    ///
    /// - Parameter signer: signs the request; nil: it goes unsigned.
    /// - Throws: exit code 69 when nobody answers; 75 when the answer was lost, and with it whether it was done.
    func send(
        _ method: Service.Method, _ path: String, body: [UInt8] = [], signer: RequestSigner? = nil,
        idempotencyKey: String? = nil
    ) async throws(CLIFailure) -> NodeReply {
        var request = HTTPRequest(HTTPMethod(method), base + path, body: body)
        if !body.isEmpty { request.headers.append("Content-Type", "application/json") }
        let headers = signer?.headers(
            method: method, authority: authority, target: pathPrefix + path, body: body,
            idempotencyKey: idempotencyKey, created: SystemClock.milliseconds() / 1000,
            nonce: Hex.encode(RandomBytes.generate(16)))
        for header in headers ?? [] { request.headers.append(header.name, header.value) }
        return try await exchange(request)
    }

    private func exchange(_ request: HTTPRequest) async throws(CLIFailure) -> NodeReply {
        do {
            let response = try await http.send(request)
            return NodeReply(
                status: response.status, body: response.body,
                isReplay: response.headers["Idempotent-Replayed"] == "true")
        } catch {
            throw failure(error, isMoving: !request.method.isIdempotent)
        }
    }

    private func failure(_ error: HTTPError, isMoving: Bool) -> CLIFailure {
        let mayBeDone = isMoving && error.outcome == .unknown
        return switch error.code {
        case .addressInvalid, .requestInvalid:
            CLIFailure(
                "\(base) is no address of a service: \(error.message)",
                fix: "give one such as http://127.0.0.1:3004", exitCode: ExitStatus.usage)
        case .timedOut where mayBeDone, .connectionLost where mayBeDone:
            CLIFailure(
                "\(base) took the request and did not answer: it may have been done",
                fix: "send the same again with the same idempotency key: that finds out", exitCode: ExitStatus.busy)
        case .connectFailed, .connectTimedOut, .nameUnresolved, .timedOut, .connectionLost:
            CLIFailure(
                "nothing answers at \(base)", fix: "start a node with: mjn up, or name another with --pay-url",
                exitCode: ExitStatus.unavailable)
        case .responseMalformed:
            CLIFailure("\(base) does not speak HTTP", fix: "check the address", exitCode: ExitStatus.unavailable)
        default:
            CLIFailure("no answer from \(error.message)", fix: "check the address", exitCode: ExitStatus.unavailable)
        }
    }
}

extension HTTPMethod {
    /// The method of a service's route.
    fileprivate init(_ method: Service.Method) {
        switch method {
        case .get: self = .get
        case .head: self = .head
        case .post: self = .post
        case .put: self = .put
        case .patch: self = .patch
        case .delete: self = .delete
        case .options: self = .options
        }
    }
}
