import Cryptography
import Foundation
import Service
import Solana
import SolanaChain
import Testing

extension EndToEnd.SolanaTests {
    @Test("an operator pays several payees, and the treasury sends it in one transaction")
    func together() async throws {
        let shop = try await Shop.open()
        let payer = try await shop.person(1_000_000)
        var payees: [Person] = []
        for _ in 0..<5 { payees.append(try await shop.person()) }
        let manifest = try payees[0].sign(Text.manifest(payees.map { ($0.did, "0.2") }))
        let checkout = try shop.checkout(#""amount":50000,"fair_manifest":\#(manifest)"#)
        let asked = try Self.transferRequest(checkout)
        _ = try await transfer(50_000, from: payer, to: shop.treasury, asked.references, shop)
        _ = try await shop.wait(for: "/api/payments/\(try #require(checkout["id"]?.string))", "settled")
        for payee in payees {
            let policy =
                #"{"destinations":[{"rail":"solana","currency":"MJN","address":"\#(Shop.wallet(payee))"}],"#
                + #""schedule":"weekly"}"#
            _ = try shop.send(
                Request.post("/api/payees/\(payee.did)", policy, by: payee).with { $0.method = .put }, 200)
        }
        let sends = try await shop.chain.sends()
        let run = try shop.home.mjn(["payout", "run", "--format", "json"], shop.settings)
        #expect(run.status == 0, "\(run.out) \(run.err)")
        let lines = Array(try JSONDocument(parsing: Array(run.out.utf8)).root.elements)
        #expect(lines.count == 5)
        var references: Set<String> = []
        for line in lines {
            let payout = try await shop.wait(for: "/api/payouts/\(try #require(line["id"]?.string))", "paid")
            references.insert(try #require(payout["rail_reference"]?.string))
        }
        #expect(references.count == 1, "\(references)")
        let sent = try await shop.chain.sends()
        #expect(sent - sends == 1)
        for payee in payees {
            let held = try await shop.held(payee)
            #expect(held == 10_000)
        }
        try await shop.prove()
        try shop.close()
    }

    @Test("another key is refused until it is taken for good, and not while payers were told the old address")
    func rotation() async throws {
        let shop = try await Shop.open()
        _ = try shop.checkout(#""amount":50000,"fair_manifest":\#(try Person().signedManifest())"#)
        let (person, path) = (Person(), shop.home("next-treasury.jwk"))
        try Data(JWK.encode(privateKey: person.key)).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        let next = shop.settings.merging(["MJN_SOLANA_TREASURY_KEY": path]) { $1 }
        let beside = try shop.home.mjn(["rail", "solana", "rotate-treasury", "--abandon-open"], next)
        #expect(beside.status == 75 && beside.err.contains("a node is running"), "\(beside.err)")
        try shop.node.stop()
        let refused = try shop.home.mjn(["rail", "status"], next)
        #expect(refused.status == 64 && refused.err.contains("payers were told to pay"), "\(refused.err)")
        let open = try shop.home.mjn(["rail", "solana", "rotate-treasury"], next)
        #expect(open.status == 1 && open.err.contains("--abandon-open"), "\(open.err)")
        let done = try shop.home.mjn(["rail", "solana", "rotate-treasury", "--abandon-open"], next)
        #expect(done.status == 0 && done.out.contains("\(Shop.wallet(person)) now"), "\(done.out) \(done.err)")
        let again = try shop.home.mjn(["rail", "solana", "rotate-treasury"], next)
        #expect(again.status == 0 && again.out.contains("is the treasury already"), "\(again.out)")
        let old = try shop.home.mjn(["rail", "status"], shop.settings)
        #expect(old.status == 64, "\(old.err)")
        let balance = try shop.home.mjn(["rail", "solana", "balance"], next)
        #expect(balance.status == 0, "\(balance.out) \(balance.err)")
    }
}

extension Person {
    fileprivate func signedManifest() throws -> String { try sign(Text.manifest([(did, "1")])) }
}
