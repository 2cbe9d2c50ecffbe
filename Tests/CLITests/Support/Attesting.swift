import Foundation

/// What suites about signed statements have in common.
protocol Attesting {}

extension Attesting {
    func verify(
        _ identities: [Identity], _ files: [String], _ arguments: [String] = ["--relay", "off"]
    ) throws -> Program.Run {
        try Program.run(["attest", "verify"] + files + identities.flatMap { ["--chain", $0.chain] } + arguments)
    }

    /// An order for `author.py`.
    func order(_ kind: String, _ kid: String, _ key: String, _ payload: [String: Any]) -> [String: Any] {
        ["kind": kind, "kid": kid, "key": key, "payload": payload]
    }

    func attestation(
        of identity: Identity, subject: String, by key: String = "me", type: String = "transaction.settled",
        issuedAt: Int64 = 1_774_958_400_000
    ) throws -> [String: Any] {
        let issuer = try identity.work.did("me")
        return order(
            "attestation", issuer, identity.work.key(key),
            [
                "v": 1, "root": NSNull(), "type": type, "issuer": issuer, "context": "stl_1", "subject": subject,
                "issued_at": issuedAt,
                "payload": ["amount": 9999, "currency": "USD", "service": "shop", "type": "ticket"],
            ])
    }

    static func nowMs() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    static func time(_ ms: Int64) -> String {
        Date(timeIntervalSince1970: Double(ms) / 1000).formatted(.iso8601).replacing("Z", with: ".000Z")
    }
}
