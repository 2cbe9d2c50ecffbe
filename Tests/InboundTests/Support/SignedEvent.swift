import Cryptography
import Inbound

/// Events as Stripe would send them, signed with a secret of the tests.
enum SignedEvent {
    static let secretText = "whsec_of_the_platform"
    static let connectSecretText = "whsec_of_the_accounts"

    static func body(
        _ id: String, type: String = "payment_intent.succeeded", object: String = "pi_1", account: String? = nil,
        createdSeconds: Int64 = 1_800_000_000
    ) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("id", id)
        out.field("object", "event")
        out.field("api_version", "2026-10-28.endive")
        if let account { out.field("account", account) }
        out.field("created", createdSeconds)
        out.field("livemode", false)
        out.field("type", type)
        out.object("data") { data in
            data.object("object") { subject in
                subject.field("id", object)
                subject.field("object", "payment_intent")
                subject.field("amount", 2500)
            }
        }
        out.endObject()
        return out.bytes
    }

    static func header(_ body: [UInt8], atSeconds: Int64, secret: String = secretText) -> String {
        "t=\(atSeconds),v1=" + signature(body, atSeconds: atSeconds, secret: secret)
    }

    static func signature(_ body: [UInt8], atSeconds: Int64, secret: String = secretText) -> String {
        Hex.encode(HMACSHA256.authenticate(Array("\(atSeconds).".utf8) + body, key: secret.utf8))
    }
}

/// Random numbers of a seed that is printed (splitmix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
