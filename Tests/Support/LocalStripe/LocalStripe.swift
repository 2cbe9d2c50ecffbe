import ChildProcesses
import Cryptography
import Glibc
import HTTPClient
import PythonRunning

/// The `localstripe` program, a stateful double of Stripe's API that signs and sends webhooks; a process of its own.
package final class LocalStripe: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let process: ChildProcess
    /// `http://127.0.0.1:` and the port.
    package let origin: String
    private let http: HTTPClient

    private init(process: ChildProcess, origin: String) throws {
        http = try HTTPClient(HTTPClientConfiguration(egress: .any))
        self.process = process
        self.origin = origin
    }

    /// Starts one with nothing in it.
    package static func start() async throws -> LocalStripe {
        let port = try freePort()
        let process = try ChildProcess(
            [Python.path, "-B", "-m", "localstripe", "--port", String(port), "--from-scratch"])
        let stripe = try LocalStripe(process: process, origin: "http://127.0.0.1:\(port)")
        for _ in 0..<Self.looksMax where process.isRunning {
            if (try? await stripe.ask(.get, "/v1/balance", [])) != nil { return stripe }
            try await Task.sleep(for: Self.look)
        }
        await stripe.stop()
        throw Failure(description: "localstripe does not start: is it in the Python of the tests?")
    }

    /// Between looks at whether it is up, and how many there are.
    private static let look: Duration = .milliseconds(50)
    private static let looksMax = 1200

    deinit { process.end() }

    /// Ends it.
    package func stop() async {
        process.end()
        await http.shutdown()
    }

    /// Has its webhooks sent there.
    package func register(_ url: String, secret: String) async throws {
        var body = JSONWriter()
        body.beginObject()
        body.field("url", url)
        body.field("secret", secret)
        body.endObject()
        let request = HTTPRequest(.post, origin + "/_config/webhooks/mjn", body: body.bytes)
        let response = try await http.send(request)
        guard response.isSuccess else { throw Failure(description: "the webhook was not taken: \(response.status)") }
    }

    /// Makes a payment and confirms it; returns its id.
    package func pay(amountMinor: Int, reference: String) async throws -> String {
        let card = try await ask(
            .post, "/v1/payment_methods",
            [
                ("type", "card"), ("card[number]", "4242424242424242"), ("card[exp_month]", "12"),
                ("card[exp_year]", "2040"), ("card[cvc]", "123"),
            ])
        let payment = try await ask(
            .post, "/v1/payment_intents",
            [
                ("amount", String(amountMinor)), ("currency", "cad"), ("payment_method", card),
                ("metadata[mjn_ref]", reference),
            ])
        return try await ask(.post, "/v1/payment_intents/\(payment)/confirm", [])
    }

    /// Asks the API, and returns the id in its answer; empty where it has none.
    private func ask(_ method: HTTPMethod, _ path: String, _ form: [(String, String)]) async throws -> String {
        var headers = HTTPHeaders()
        headers.set("Authorization", "Bearer sk_test_12345")
        headers.set("Content-Type", "application/x-www-form-urlencoded")
        let body = form.map { name, value in
            name.replacing("[", with: "%5B").replacing("]", with: "%5D") + "=" + value
        }
        let response = try await http.send(
            HTTPRequest(method, origin + path, headers: headers, body: Array(body.joined(separator: "&").utf8)))
        guard response.isSuccess else {
            throw Failure(description: "\(path): \(response.status) \(String(decoding: response.body, as: UTF8.self))")
        }
        return try JSONDocument(parsing: response.body).root["id"]?.string ?? ""
    }

    /// A port that is free now: the program cannot be asked for any.
    package static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr = in_addr(s_addr: inet_addr("127.0.0.1"))
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else { throw Failure(description: "no port is free") }
        return UInt16(bigEndian: address.sin_port)
    }
}
