import Cryptography
import NIOHTTP1
import Service
import Testing

/// A request that a test changes after it was signed.
struct SignedRequest {
    var method = Method.post
    var target = "/api/settle"
    var host = "pay.example"
    var body = Array(#"{"amount":1}"#.utf8)
    var idempotencyKey: String? = "key-1"
    var created: Int64 = 1_774_958_400
    var nonce = "n-1"
    var headers: [(name: String, value: String)] = []
    /// Whether the route takes idempotency keys.
    var takesKeys = true

    mutating func sign(_ signer: RequestSigner) {
        headers = signer.headers(
            method: method, authority: host, target: target, body: body, idempotencyKey: idempotencyKey,
            created: created, nonce: nonce)
    }

    subscript(header name: String) -> String {
        get { headers.first { $0.name == name }?.value ?? "" }
        set { headers = headers.filter { $0.name != name } + [(name, newValue)] }
    }

    mutating func replace(_ old: String, _ new: String, in name: String) {
        #expect(self[header: name].contains(old), "\(name) has no \(old)")
        self[header: name] = self[header: name].replacing(old, with: new)
    }

    func verify(_ policy: SignaturePolicy, now: Int64 = 1_774_958_400) async throws -> Caller {
        let fields = RequestFields(HTTPHeaders([("host", host)] + headers.map { ($0.name, $0.value) }))
        return try await SignatureVerifier(policy: policy).verify(
            .init(
                method: method.rawValue, target: target, fields: fields, body: body, keyMakesReplayHarmless: takesKeys),
            now: now)
    }

    func code(_ policy: SignaturePolicy, now: Int64 = 1_774_958_400) async throws -> String {
        do {
            _ = try await verify(policy, now: now)
            return "accepted"
        } catch let problem as Problem {
            return problem.code.code
        }
    }
}
