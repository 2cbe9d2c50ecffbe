import Cryptography
import Foundation
import Service

/// An HTTP request to be signed and sent, and ways to spoil it.
struct Request: Sendable {
    var method = Service.Method.get
    var target: String
    var body: [UInt8] = []
    var key: String?
    /// Who signs it; nil: nobody.
    var signer: RequestSigner?
    /// Seconds between now and the signature's time.
    var createdOffset: Int64 = 0
    var nonce = Hex.encode(RandomBytes.generate(12))
    /// Sent in place of what was signed.
    var sentBody: [UInt8]?
    var sentTarget: String?
    var sentHost: String?
    var sentKey: String?
    var contentType = "application/json"
    var stripeSignature: String?

    /// `GET`.
    static func get(_ target: String, by person: Person? = nil) -> Request {
        Request(target: target, signer: person.map { RequestSigner(key: $0.key) })
    }

    /// `POST` of a JSON body.
    static func post(_ target: String, _ body: String, key: String? = nil, by person: Person? = nil) -> Request {
        post(target, Array(body.utf8), key: key, by: person)
    }

    /// `POST` of any bytes.
    static func post(_ target: String, _ body: [UInt8], key: String? = nil, by person: Person? = nil) -> Request {
        Request(
            method: .post, target: target, body: body, key: key, signer: person.map { RequestSigner(key: $0.key) })
    }

    /// `POST /api/settle`.
    static func settle(_ body: String, key: String = UUID().uuidString, by person: Person) -> Request {
        post("/api/settle", body, key: key, by: person)
    }

    /// The same with changes.
    func with(_ change: (inout Request) -> Void) -> Request {
        var copy = self
        change(&copy)
        return copy
    }

    /// What goes over the wire to a node at this authority.
    func bytes(to authority: String) -> [UInt8] {
        let sent = sentBody ?? body
        var head = "\(method.rawValue) \(sentTarget ?? target) HTTP/1.1\r\nhost: \(sentHost ?? authority)\r\n"
        if method == .post || method == .put || !sent.isEmpty {
            head += "content-type: \(contentType)\r\ncontent-length: \(sent.count)\r\n"
        }
        if let stripeSignature { head += "stripe-signature: \(stripeSignature)\r\n" }
        if let signer {
            let headers = signer.headers(
                method: method, authority: authority, target: target, body: body, idempotencyKey: key,
                created: Int64(Date().timeIntervalSince1970) + createdOffset, nonce: nonce)
            for (name, value) in headers {
                head += "\(name): \(name == "idempotency-key" ? sentKey ?? value : value)\r\n"
            }
        } else if let key {
            head += "idempotency-key: \(key)\r\n"
        }
        return Array((head + "\r\n").utf8) + sent
    }
}

extension Node {
    /// Sends a request on a new connection and reads the answer.
    func send(_ request: Request, within seconds: Double = 30) throws(WireFailure) -> Answer {
        let wire = try Wire(port: port)
        try wire.send(request.bytes(to: authority))
        return try wire.receive(within: seconds)
    }

    /// Sends all at the same time, each on a connection of its own: all but the last byte first, then the last bytes.
    func sendAtOnce(_ requests: [Request]) throws(WireFailure) -> [Answer] {
        var sent: [(wire: Wire, last: UInt8)] = []
        for request in requests {
            let bytes = request.bytes(to: authority)
            let wire = try Wire(port: port)
            try wire.send(Array(bytes.dropLast()))
            sent.append((wire, bytes[bytes.count - 1]))
        }
        for (wire, last) in sent { try wire.send([last]) }
        var answers: [Answer] = []
        for (wire, _) in sent { answers.append(try wire.receive(within: Patience.seconds)) }
        return answers
    }

    /// What a DID can spend, in USD.
    func available(_ did: String) throws -> Int64 {
        let answer = try send(.get("/api/balance/\(did)", by: service))
        let usd = answer.json?["balances"]?.elements.first { $0["currency"]?.stringEquals("USD") == true }
        return usd?["available"]?.int64 ?? 0
    }
}
