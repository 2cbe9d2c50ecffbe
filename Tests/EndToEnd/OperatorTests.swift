import Cryptography
import Foundation
import Service
import Testing

extension EndToEnd {
    @Suite("The operator's commands beside a running node")
    struct OperatorTests {
        @Test("a right given or taken away counts for the first request after the command, session keys included")
        func rights() throws {
            let home = try Home()
            let node = try Node(in: home)
            let (payer, shop) = (Person(), Person())
            try home.fund(payer.did, 10_000)
            let body = Text.settle(try Works().standard(), from: payer.did)
            #expect(try node.send(.settle(body, by: shop)).summary == "403 caller_not_allowed")
            for round in 1...3 {
                let allowed = try home.mjn([
                    "service", "allow", shop.did, "--name", "shop", "--scope", "settle,read", "--from", "any",
                    "--max-amount", "500",
                ])
                #expect(allowed.status == 0, "\(allowed.err)")
                #expect(try node.send(.settle(body, by: shop)).status == 201, "round \(round)")
                let large = body.replacing(#""amount":100"#, with: #""amount":501"#)
                #expect(try node.send(.settle(large, by: shop)).summary == "403 caller_not_allowed")
                let made = try node.send(.post("/api/session-keys", "", by: shop)).json
                let secret = try #require(made?["secret"]?.string.flatMap { Base64URL.decode($0) })
                let session = RequestSigner(sessionKeyID: try #require(made?["key_id"]?.string), secret: secret)
                var reading = Request.get("/api/balance/\(payer.did)")
                reading.signer = session
                #expect(try node.send(reading).status == 200)
                let revoked = try home.mjn(["service", "revoke", shop.did])
                #expect(revoked.status == 0, "\(revoked.err)")
                #expect(try node.send(.settle(body, by: shop)).summary == "403 caller_not_allowed", "round \(round)")
                let refused = try node.send(reading.with { $0.nonce = "after-\(round)" })
                #expect([401, 403].contains(refused.status), "\(refused.text)")
            }
            #expect(try home.verify().entries == 4)
            try node.stop()
        }

        @Test("money that is given, frozen, limited and set free counts for the next settlement")
        func money() throws {
            let home = try Home()
            let node = try Node(in: home)
            let payer = Person()
            let body = Text.settle(try Works().standard(), from: payer.did)
            func settle() throws -> String { try node.send(.settle(body, by: node.service)).summary }
            func account(_ arguments: String...) throws {
                let run = try home.mjn(["account"] + arguments + ["--reason", "a test"])
                #expect(run.status == 0, "\(run.err)")
            }
            #expect(try settle() == "402 insufficient_funds")
            try home.fund(payer.did, 1000)
            #expect(try settle() == "201 -")
            try account("freeze", payer.did)
            #expect(try settle() == "422 account_frozen")
            try home.fund(payer.did, 100)
            #expect(try node.available(payer.did) == 1000)
            try account("unfreeze", payer.did)
            #expect(try settle() == "201 -")
            try account("limit", payer.did, "--amount", "850", "--currency", "USD")
            #expect(try settle() == "402 insufficient_funds")
            try account("limit", payer.did, "--amount", "0", "--currency", "USD")
            #expect(try settle() == "201 -")
            #expect(try node.available(payer.did) == 800)
            let audit = try home.mjn(["account", "audit", "--format", "csv"])
            #expect(audit.out.split(whereSeparator: \.isNewline).count == 5, "\(audit.out)")
            _ = try home.verify()
            try node.stop()
        }
    }
}
