import Foundation
import Testing

extension EndToEnd {
    @Suite("A client that shares no code with the program")
    struct IndependentClientTests {
        private struct Report: Decodable {
            let checks: Int
        }

        @Test("signs, settles, replays, reads back, refunds, and verifies what the node attests")
        func settles() throws {
            let home = try Home()
            let node = try Node(in: home)
            for name in ["shop", "payer"] {
                #expect(try home.mjn(["did", "new", "--out", home("\(name).jwk")]).status == 0)
            }
            let (shop, payer) = (try Person(jwk: home("shop.jwk")), try Person(jwk: home("payer.jwk")))
            try home.fund(payer.did, 100_000)
            let allowed = try home.mjn(["service", "allow", shop.did, "--name", "shop", "--scope", "settle"])
            #expect(allowed.status == 0, "\(allowed.err)")
            let script = Program.tests.appendingPathComponent("python/independent_client.py").path
            let run = try Program.run(
                try Program.python(),
                [
                    script, node.authority, node.databaseURL, node.did, home.data + "/keys/service.jwk",
                    home("shop.jwk"), home("payer.jwk"),
                ], environment: ["PYTHONDONTWRITEBYTECODE": "1"])
            #expect(run.status == 0, "\(run.err)")
            let report = try JSONDecoder().decode(Report.self, from: Data(run.out.utf8))
            #expect(report.checks > 75)
            // The funding, four settlements and a refund.
            #expect(try home.verify().entries == 6)
            try node.stop()
        }
    }
}
