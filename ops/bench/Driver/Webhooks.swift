import Cryptography
import Foundation

/// Events as Stripe sends them, each new, signed just before they are sent: a signature is good for five minutes.
enum Webhooks {
    private static let secret = "whsec_" + Hex.encode(RandomBytes.generate(16))

    /// What the node is told, so that it takes them.
    static let environment = ["MJN_STRIPE_WEBHOOK_SECRET": secret]

    static func pool(count: Int, authority: String, run: String) -> RequestPool {
        let key = HMACSHA256.Key(secret.utf8)
        let time = Int64(Date().timeIntervalSince1970)
        let pool = RequestPool()
        for number in 0..<count where !pool.isFull {
            let body = event("\(run)_\(number)", createdSeconds: time)
            let signature = Hex.encode(key.authenticate(Array("\(time).".utf8) + body))
            let head = """
                POST /api/webhook/stripe HTTP/1.1\r
                Host: \(authority)\r
                Content-Type: application/json; charset=utf-8\r
                Content-Length: \(body.count)\r
                Stripe-Signature: t=\(time),v1=\(signature)\r
                \r

                """
            pool.append(Array(head.utf8) + body)
        }
        return pool
    }

    /// An event of the usual size, some 2 KB.
    private static func event(_ name: String, createdSeconds: Int64) -> [UInt8] {
        var out = JSONWriter(reserving: 2500)
        out.beginObject()
        out.field("id", "evt_\(name)")
        out.field("object", "event")
        out.field("api_version", "2026-10-28.endive")
        out.field("created", createdSeconds)
        out.field("livemode", false)
        out.field("pending_webhooks", 1)
        out.field("type", "payment_intent.succeeded")
        out.object("data") { data in
            data.object("object") { payment in
                payment.field("id", "pi_\(name)")
                payment.field("object", "payment_intent")
                payment.field("amount", Workload.amountMinor)
                payment.field("currency", "cad")
                payment.field("status", "succeeded")
                payment.object("metadata") { metadata in
                    for number in 0..<16 {
                        metadata.field("member_\(number)", Hex.encode(SHA256.hash(Array("\(name) \(number)".utf8))))
                    }
                }
            }
        }
        out.endObject()
        return out.bytes
    }
}
