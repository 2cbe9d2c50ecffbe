import Cryptography
import Kernel
import LedgerDouble
import Service
import Testing

@Suite("Whatever is sent")
struct MutationTests {
    @Test("no change to a request's body brings a 500, and money never appears or is lost, over seeded mutations")
    func mutations() async throws {
        let seed: UInt64 = 0x6D6A_6E02
        var dice = Dice(seed: seed)
        let pay = try await PayFixture.startWithNodeFee()
        try await pay.fund(Person.payer.did, 1_000_000)
        let original = try Manifests.signed(Manifests.text(id: "urn:o", [(Person.artist.did.string, "a", "1")]))
        let cid = try Manifests.cid(original)
        let remix = try Manifests.signed(
            Manifests.text([(Person.artist.did.string, "a", "0.5"), ("fair:\(cid)", "b", "0.5")]))
        let body = SettleBody(remix).with { $0.chain = [original] }
        let claims = AuthorizationClaims(manifestCID: try Manifests.cid(remix).string)
        let bodies = [
            body.json, try SettleBody().json, body.with { $0.authorization = claims.token() }.json,
            #"{"settlements":[\#(body.with { $0.key = "m" }.json)]}"#,
        ]
        let tokens = [
            "\"", "{", "}", "[", "]", ",", ":", "null", "true", "-1", "0", "1e999", "0.1", "\\u0000", "\\ud800", "é",
            "9223372036854775807", "18446744073709551616", #""from_did":"#, #""amount":"#, #""weight":"#, "fair:",
            "did:",
        ].map { Array($0.utf8) }
        var requests: [[UInt8]] = []
        for round in 0..<600 {
            let which = Int.random(in: 0..<bodies.count, using: &dice)
            var bytes = Array(bodies[which].utf8)
            for _ in 0..<Int.random(in: 1...3, using: &dice) {
                let start = Int.random(in: 0..<bytes.count, using: &dice)
                let end = min(bytes.count, start + Int.random(in: 0...6, using: &dice))
                let token = tokens[Int.random(in: 0..<tokens.count, using: &dice)]
                bytes.replaceSubrange(start..<end, with: Bool.random(using: &dice) ? token : [])
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let target = which == 3 ? "/api/settle/batch" : "/api/settle"
            let person = Bool.random(using: &dice) ? Person.trusted : .service
            requests.append(pay.request(.post, target, text, key: "m\(round)", by: person))
        }
        let responses = try await pay.sendAll(requests)
        for (round, response) in responses.enumerated() {
            #expect(
                [200, 201, 400, 402, 403, 422].contains(response.status),
                "seed \(seed) round \(round): \(response.text.prefix(300))")
        }
        #expect(Set(responses.map(\.status)).count >= 4, "the mutations reach several answers")
        var sum: Int64 = 0
        for account in pay.ledger.book.accounts.values where account.key.currency == "USD" {
            sum += account.counters.postedDebits - account.counters.postedCredits
        }
        #expect(sum == 0)
    }
}
