import Cryptography
import Kernel
import LedgerDouble
import Service
import Testing

@Suite("Balances and transactions")
struct AccountTests {
    @Test("a DID that was never seen holds nothing")
    func never() async throws {
        let pay = try await PayFixture.start()
        let response = try await pay.send(.get, "/api/balance/\(Person.payer.did)", by: .payer)
        #expect(response.status == 200)
        #expect(response.text == #"{"did":"\#(Person.payer.did)","balances":[]}"#)
    }

    @Test("cash, credit and what is held are told apart, per currency")
    func kinds() async throws {
        let pay = try await PayFixture.start()
        let did = Person.payer.did
        try await pay.fund(did, 100)
        try await pay.fund(did, 30, asCredit: true)
        try await pay.fund(did, 7, "EUR")
        let hold = Commands.hold("h", from: .cash(did), to: .escrow(Person.artist.did), 20)
        _ = try await pay.ledger.submit([hold], atomically: false)
        let response = try await pay.send(.get, "/api/balance/\(did)", by: .reader)
        #expect(
            response.json["balances"].map { Array($0.rawBytes) }
                == Array(
                    #"""
                    [{"currency":"EUR","cash":7,"credit":0,"held":0,"available":7,"withdrawable":7,"receivable":0},\#
                    {"currency":"USD","cash":100,"credit":30,"held":20,"available":110,"withdrawable":80,\#
                    "receivable":0}]
                    """#.utf8))
    }

    @Test("only the DID itself and readers see a balance or transactions")
    func who() async throws {
        let pay = try await PayFixture.start()
        for target in ["/api/balance/\(Person.payer.did)", "/api/transactions/\(Person.payer.did)"] {
            for (person, status) in [(Person.payer, 200), (.reader, 200), (.artist, 403), (.service, 403)] {
                let response = try await pay.send(.get, target, by: person)
                #expect(response.status == status)
            }
            #expect(try await pay.send(.get, target, by: nil).code == "signature_missing")
        }
        let nobody = try await pay.send(.get, "/api/balance/somebody", by: .reader)
        #expect(nobody.code == "query_invalid")
    }

    @Test("pages follow one another without gaps, newest first, whatever the limit")
    func pages() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let body = try SettleBody().with { $0.amount = "10" }.json
        for index in 0..<12 {
            _ = try await pay.send(.post, "/api/settle", body, key: "k\(index)", by: .trusted)
        }
        let target = "/api/transactions/\(Person.payer.did)"
        let whole = try await pay.send(.get, target, by: .payer)
        let all = whole.json["data"]?.elements.map { Array($0.rawBytes) } ?? []
        #expect(all.count == 13)
        #expect(whole.json["next_cursor"]?.isNull == true)
        #expect(whole.json["data"]?.elements.map { $0["entry_seq"]?.int64 } == (1...13).reversed().map { Int64($0) })
        for limit in [1, 2, 5, 12, 13] {
            var cursor: String? = nil
            var collected: [[UInt8]] = []
            repeat {
                let query = "?limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? "")
                let page = try await pay.send(.get, target + query, by: .payer)
                #expect(page.status == 200)
                collected += page.json["data"]?.elements.map { Array($0.rawBytes) } ?? []
                cursor = page.json["next_cursor"]?.string
            } while cursor != nil && collected.count < 100
            #expect(collected == all)
        }
        for (query, code) in [
            ("?limit=0", "limit_invalid"), ("?limit=501", "limit_invalid"), ("?cursor=AAAA", "cursor_invalid"),
            ("?cursor=*", "cursor_invalid"), ("?limit=1&limit=2", "query_invalid"),
        ] {
            #expect(try await pay.send(.get, target + query, by: .payer).code == code)
        }
    }
}
