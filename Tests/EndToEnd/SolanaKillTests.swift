import Cryptography
import Foundation
import Service
import Solana
import SolanaChain
import Testing

extension EndToEnd.SolanaTests {
    /// When the node is killed, counted from when it is asked to pay out: before it has stored anything, while it
    /// signs, sends and watches, and after it has told.
    private static let killsMs = [5, 20, 35, 50, 65, 80, 100, 130, 170, 250, 400, 700, 1_200, 2_500]

    @Test("a node that is killed at any moment of a payout pays it once, within seconds of its next start")
    func killed() async throws {
        var shop = try await Shop.open()
        let payer = try await shop.person(1_000_000)
        var payees: [Person] = []
        for _ in Self.killsMs { payees.append(try await shop.person()) }
        for payee in payees {
            let manifest = try payee.sign(Text.manifest([(payee.did, "1")]))
            let checkout = try shop.checkout(#""amount":4000,"fair_manifest":\#(manifest)"#)
            let asked = try Self.transferRequest(checkout)
            _ = try await transfer(4_000, from: payer, to: shop.treasury, asked.references, shop)
            _ = try await shop.wait(for: "/api/payments/\(try #require(checkout["id"]?.string))", "settled")
            let policy =
                #"{"destinations":[{"rail":"solana","currency":"MJN","address":"\#(Shop.wallet(payee))"}],"#
                + #""schedule":"manual"}"#
            _ = try shop.send(
                Request.post("/api/payees/\(payee.did)", policy, by: payee).with { $0.method = .put }, 200)
        }
        let began = Date()
        for (payee, afterMs) in zip(payees, Self.killsMs) {
            let pid = shop.node.pid
            let killer = Task.detached {
                try? await Task.sleep(for: .milliseconds(afterMs))
                kill(pid, SIGKILL)
            }
            _ = try? shop.node.send(Self.withdrawal(of: payee))
            await killer.value
            _ = try shop.node.ending(within: 10)
            shop.node = try Node(in: shop.home, offset: shop.node.offset, shop.settings)
        }
        for payee in payees {
            // Whoever had no answer asks again with the same key.
            let payout = try shop.send(Self.withdrawal(of: payee), 201)
            _ = try await shop.wait(for: "/api/payouts/\(try #require(payout["id"]?.string))", "paid")
        }
        for payee in payees {
            let held = try await shop.held(payee)
            #expect(held == 4_000)
        }
        #expect(Date().timeIntervalSince(began) < 170, "nobody waits the three minutes that a call may take")
        try await shop.prove()
        try shop.close()
    }

    private static func withdrawal(of payee: Person) throws -> Request {
        let order = #"{"did":"\#(payee.did)","amount":4000,"currency":"MJN"}"#
        return .post("/api/balance/withdraw", order, key: "w-\(payee.did)", by: payee)
    }
}
