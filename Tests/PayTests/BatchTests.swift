import Cryptography
import Kernel
import LedgerDouble
import Service
import Testing

@Suite("Batches")
struct BatchTests {
    private func send(
        _ pay: PayFixture, _ members: [SettleBody], atomic: Bool? = nil, by person: Person = .trusted
    ) async throws -> Response {
        let list = members.map(\.json).joined(separator: ",")
        let flag = atomic.map { #","atomic":\#($0)"# } ?? ""
        return try await pay.send(.post, "/api/settle/batch", #"{"settlements":[\#(list)]\#(flag)}"#, by: person)
    }

    private func summary(_ response: Response) -> [String] {
        response.json["settlements"]?.elements.map { member in
            "\(member["status"]?.int64 ?? 0) \(member["body"]?["code"]?.string ?? "-")"
        } ?? ["\(response.status) \(response.code ?? "-")"]
    }

    private func member(_ key: String?, _ amount: String) throws -> SettleBody {
        try SettleBody().with {
            $0.key = key
            $0.amount = amount
        }
    }

    @Test("each member has its own answer, in order")
    func mixed() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 300)
        let unsigned = SettleBody(Array(Manifests.standard().utf8)).with { $0.key = "d" }
        let members = try [
            member("a", "100"), member("b", "201"), member("c", "0"), unsigned, member(nil, "5"), member("e", "200"),
        ]
        let response = try await send(pay, members)
        #expect(response.status == 200)
        #expect(
            summary(response) == [
                "201 -", "402 insufficient_funds", "400 amount_invalid", "422 manifest_unsigned",
                "400 idempotency_key_missing", "201 -",
            ])
        #expect(
            response.json["settlements"]?.elements.map { $0["idempotency_key"]?.string } == [
                "a", "b", "c", "d", nil, "e",
            ])
    }

    @Test("a member and a single request with the same key and content are one")
    func sameAsSingle() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 300)
        let single = try await pay.send(
            .post, "/api/settle", try member(nil, "100").json, key: "a", by: .trusted)
        let response = try await send(pay, [try member("a", "100"), try member("a", "100"), try member("a", "99")])
        let members = response.json["settlements"].map { Array($0.elements) } ?? []
        #expect(members.first?["replayed"]?.bool == true)
        #expect(members.first?["body"].map { Array($0.rawBytes) } == single.body)
        #expect(summary(response) == ["201 -", "201 -", "422 idempotency_key_reused"])
        #expect(pay.ledger.book.settlements.count == 1)
    }

    @Test("an atomic batch is settled whole or not at all")
    func atomic() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 300)
        let short = try await send(
            pay, [try member("a", "100"), try member("b", "201"), try member("c", "1")], atomic: true)
        #expect(summary(short) == ["424 batch_aborted", "402 insufficient_funds", "424 batch_aborted"])
        let bad = try await send(pay, [try member("d", "100"), try member("e", "0")], atomic: true)
        #expect(summary(bad) == ["424 batch_aborted", "400 amount_invalid"])
        let unsigned = SettleBody(Array(Manifests.standard().utf8)).with { $0.key = "f" }
        let refused = try await send(pay, [try member("g", "100"), unsigned], atomic: true)
        #expect(summary(refused) == ["424 batch_aborted", "422 manifest_unsigned"])
        #expect(pay.ledger.book.settlements.isEmpty)
        let whole = try await send(pay, [try member("h", "100"), try member("i", "200")], atomic: true)
        #expect(summary(whole) == ["201 -", "201 -"])
        let again = try await send(pay, [try member("h", "100"), try member("i", "200")], atomic: true)
        #expect(again.json["settlements"]?.elements.map { $0["replayed"]?.bool } == [true, true])
        #expect(pay.ledger.book.settlements.count == 2)
    }

    @Test("up to a thousand members; more, none, or no list is refused")
    func size() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 1000)
        let thousand = try (0..<1000).map { try member("k\($0)", "1") }
        let response = try await send(pay, thousand)
        #expect(summary(response) == Array(repeating: "201 -", count: 1000))
        let tooMany = try await send(pay, try thousand + [member("more", "1")])
        #expect(summary(tooMany) == ["400 field_invalid"])
        #expect(summary(try await send(pay, [])) == ["400 field_invalid"])
        let noList = try await pay.send(.post, "/api/settle/batch", #"{"settlements":7}"#, by: .trusted)
        #expect(noList.code == "field_invalid")
        let noFlag = try await pay.send(
            .post, "/api/settle/batch", #"{"settlements":[{}],"atomic":"yes"}"#, by: .trusted)
        #expect(noFlag.code == "field_invalid")
    }

    @Test("a service that may not settle gets a refusal for each member")
    func notAllowed() async throws {
        let pay = try await PayFixture.start()
        let response = try await send(pay, [try member("a", "1"), try member("b", "1")], by: .stranger)
        #expect(summary(response) == ["403 caller_not_allowed", "403 caller_not_allowed"])
    }
}
