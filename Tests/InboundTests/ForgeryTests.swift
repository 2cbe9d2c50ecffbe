import Cryptography
import Foundation
import HTTPClient
import Inbound
import Testing

/// Whatever is not Stripe's leaves no trace.
@Suite struct ForgeryTests {
    /// One request that must be refused.
    struct Forgery: Sendable {
        let kind: Int
        let body: [UInt8]
        let header: String?
    }

    static let kinds = 12

    /// Changes a well-signed webhook in one way, which leaves it unsigned for certain.
    static func make(_ number: Int, nowSeconds now: Int64, random: inout SeededRandom) -> Forgery {
        let body = SignedEvent.body("evt_\(number)", object: "pi_\(number)")
        let good = SignedEvent.header(body, atSeconds: now)
        let kind = number % kinds
        var other = body
        let place = Int.random(in: 0..<body.count, using: &random)
        var header: String? = good
        switch kind {
        case 0: other[place] ^= UInt8.random(in: 1...255, using: &random)
        case 1: other.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: other.remove(at: place)
        case 3: other.removeLast(Int.random(in: 1...body.count, using: &random))
        case 4: header = changed(good, from: good.count - 64, random: &random)
        case 5: header = SignedEvent.header(body, atSeconds: now - Int64.random(in: 301...100_000, using: &random))
        case 6: header = SignedEvent.header(body, atSeconds: now + Int64.random(in: 302...100_000, using: &random))
        case 7:
            // Another time under the right signature.
            let time = now + (Bool.random(using: &random) ? 1 : -1) * Int64.random(in: 1...300, using: &random)
            header = "t=\(time),v1=" + SignedEvent.signature(body, atSeconds: now)
        case 8:
            let secret = "whsec_" + String(UInt64.random(in: 0 ... .max, using: &random), radix: 36)
            header = SignedEvent.header(body, atSeconds: now, secret: secret)
        case 9: header = String(good.dropLast(Int.random(in: 1...good.count, using: &random)))
        case 10:
            header = good.replacing(
                "v1=", with: ["v0=", "v2=", "V1=", "v1:", "v1 ="].randomElement(using: &random) ?? "")
        default:
            // Another event's signature.
            let stranger = SignedEvent.body("evt_\(number)_of_another")
            header = Bool.random(using: &random) ? nil : SignedEvent.header(stranger, atSeconds: now)
        }
        return Forgery(kind: kind, body: other, header: header)
    }

    /// Another hexadecimal digit in the place of one.
    private static func changed(_ text: String, from start: Int, random: inout SeededRandom) -> String {
        var bytes = Array(text.utf8)
        let place = Int.random(in: start..<bytes.count, using: &random)
        let others = Array("0123456789abcdef".utf8).filter { $0 != bytes[place] }
        bytes[place] = others[Int.random(in: 0..<others.count, using: &random)]
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("of ten thousand altered, stale or forged webhooks none is accepted, and nothing is stored")
    func forgeries() async throws {
        let seed = ProcessInfo.processInfo.environment["MJN_SEED"].flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
        print("forged webhooks: MJN_SEED=\(seed)")
        try await TestInbox.with { inbox, test in
            let now = test.clock.ms / 1000
            var random = SeededRandom(seed: seed)
            let forgeries = (0..<10_000).map { Self.make($0, nowSeconds: now, random: &random) }
            try await withWebhooks(inbox, clock: { test.clock.ms }) { origin in
                let accepted = try await withThrowingTaskGroup(of: [Int].self) { group in
                    for lane in 0..<16 {
                        group.addTask {
                            var kinds: [Int] = []
                            for forgery in stride(from: lane, to: forgeries.count, by: 16).map({ forgeries[$0] }) {
                                let response = try await deliver(forgery.body, header: forgery.header, to: origin)
                                if response.status != 400 { kinds.append(forgery.kind) }
                            }
                            return kinds
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(accepted.isEmpty, "of kinds \(accepted)")
                #expect(try test.storedCount() == 0)
                // The same road, unaltered: it is open.
                let body = SignedEvent.body("evt_good")
                let good = try await deliver(body, header: SignedEvent.header(body, atSeconds: now), to: origin)
                #expect(good.status == 200)
                #expect(try test.storedCount() == 1)
            }
        }
    }
}
