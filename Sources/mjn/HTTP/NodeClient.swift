import Cryptography
import Foundation
import FoundationNetworking
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

    /// Longer than a service takes to answer: it gives up by itself before.
    static let timeoutSeconds = 35.0

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
    }

    /// Sends a request and reads the reply, whatever its status.
    ///
    /// - Parameter signer: signs the request; nil: it goes unsigned.
    /// - Throws: exit code 69 when nobody answers; 75 when the answer was lost, and with it whether it was done.
    func send(
        _ method: Service.Method, _ path: String, body: [UInt8] = [], signer: RequestSigner? = nil,
        idempotencyKey: String? = nil
    ) async throws(CLIFailure) -> NodeReply {
        guard let url = URL(string: base + path) else {
            throw CLIFailure("\(base + path) is no address", exitCode: ExitStatus.usage)
        }
        var request = URLRequest(url: url, timeoutInterval: Self.timeoutSeconds)
        request.httpMethod = method.rawValue
        if !body.isEmpty {
            request.httpBody = Data(body)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        let headers = signer?.headers(
            method: method, authority: authority, target: pathPrefix + path, body: body,
            idempotencyKey: idempotencyKey, created: SystemClock.milliseconds() / 1000,
            nonce: Hex.encode(RandomBytes.generate(16)))
        for header in headers ?? [] { request.setValue(header.value, forHTTPHeaderField: header.name) }
        return try await exchange(request)
    }

    private func exchange(_ request: URLRequest) async throws(CLIFailure) -> NodeReply {
        let session = URLSession(configuration: .ephemeral, delegate: NoRedirects(), delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        do {
            let (data, response) = try await session.data(for: request)
            guard let response = response as? HTTPURLResponse else {
                throw CLIFailure("\(base) does not speak HTTP", exitCode: ExitStatus.unavailable)
            }
            return NodeReply(
                status: response.statusCode, body: Array(data),
                isReplay: response.value(forHTTPHeaderField: "Idempotent-Replayed") == "true")
        } catch let error as URLError {
            throw failure(error, isMoving: request.httpMethod == "POST")
        } catch let failure as CLIFailure {
            throw failure
        } catch {
            throw CLIFailure("no answer from \(base): \(error)", exitCode: ExitStatus.unavailable)
        }
    }

    private func failure(_ error: URLError, isMoving: Bool) -> CLIFailure {
        switch error.code {
        case .timedOut where isMoving, .networkConnectionLost where isMoving:
            CLIFailure(
                "\(base) took the request and did not answer: it may have been done",
                fix: "send the same again with the same idempotency key: that finds out", exitCode: ExitStatus.busy)
        case .cannotConnectToHost, .timedOut, .networkConnectionLost, .cannotFindHost, .dnsLookupFailed:
            CLIFailure(
                "nothing answers at \(base)", fix: "start a node with: mjn up, or name another with --pay-url",
                exitCode: ExitStatus.unavailable)
        default:
            CLIFailure(
                "no answer from \(base): \(error.localizedDescription)", fix: "check the address",
                exitCode: ExitStatus.unavailable)
        }
    }
}

/// A signed request is for one address: where a server points elsewhere, that is the answer.
private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
