import Cryptography
import Kernel
import LedgerDouble
import Service
import Settlement
import Testing

@Suite("Retries and crowds")
struct IdempotencyTests {
    @Test("a retry gets the first answer byte for byte, whatever has changed since")
    func replay() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let body = try SettleBody().json
        let first = try await pay.send(.post, "/api/settle", body, key: "k", by: .trusted)
        pay.advance(ms: 86_400_000)
        // The right to spend without the payer's word is gone; the answer is not.
        pay.callers.allow(.trusted, [.settle], .consentOnly)
        let second = try await pay.send(.post, "/api/settle", body, key: "k", by: .trusted)
        #expect(first.status == 201)
        #expect(first.headers["idempotent-replayed"] == nil)
        #expect(second.status == 201)
        #expect(second.body == first.body)
        #expect(second.isReplayed)
        #expect(pay.ledger.book.settlements.count == 1)
    }

    @Test("a key with quotes is the key without")
    func quoted() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let body = try SettleBody().json
        let first = try await pay.send(.post, "/api/settle", body, key: "k", by: .trusted)
        let second = try await pay.send(.post, "/api/settle", body, key: "\"k\"", by: .trusted)
        #expect(second.body == first.body)
        #expect(second.isReplayed)
    }

    @Test("the same request sent again, signature and all, moves no money twice")
    func sameBytes() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 20_000)
        let request = pay.request(.post, "/api/settle", try SettleBody().json, key: "k", by: .trusted)
        let first = try await pay.sendAll([request])[0]
        let second = try await pay.sendAll([request])[0]
        #expect(second.body == first.body)
        #expect(second.isReplayed)
        #expect(pay.ledger.book.settlements.count == 1)
    }

    @Test("the same key with another body is refused, and keys of two callers are two")
    func reused() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 30_000)
        let body = try SettleBody()
        let first = try await pay.send(.post, "/api/settle", body.json, key: "k", by: .trusted)
        #expect(first.status == 201)
        let changes: [(inout SettleBody) -> Void] = [
            { $0.amount = "9999" }, { $0.type = "other" }, { $0.metadata = #"{"a":1}"# },
            {
                $0.manifest = $0.manifest.map { $0 + Array("".utf8) }; $0.service = "other"
            },
        ]
        for change in changes {
            let other = try await pay.send(.post, "/api/settle", body.with(change).json, key: "k", by: .trusted)
            #expect(other.status == 422)
            #expect(other.code == "idempotency_key_reused")
        }
        let manifest = SettleBody(try Manifests.signed(Manifests.standard(extra: #","title":"x""#)))
        let otherManifest = try await pay.send(.post, "/api/settle", manifest.json, key: "k", by: .trusted)
        #expect(otherManifest.code == "idempotency_key_reused")
        let ownKey = try await pay.send(.post, "/api/settle", body.json, key: "k", by: .payer)
        #expect(ownKey.status == 201)
        #expect(!ownKey.isReplayed)
    }

    @Test("402 is replayed although there is money now; 403 is not")
    func stored() async throws {
        let pay = try await PayFixture.start()
        let body = try SettleBody().json
        let poor = try await pay.send(.post, "/api/settle", body, key: "k", by: .trusted)
        let denied = try await pay.send(.post, "/api/settle", body, key: "k", by: .stranger)
        try await pay.fund(Person.payer.did, 20_000)
        let again = try await pay.send(.post, "/api/settle", body, key: "k", by: .trusted)
        #expect(poor.status == 402)
        #expect(again.status == 402)
        #expect(again.isReplayed)
        #expect(denied.status == 403)
        pay.callers.allow(.stranger, [.settle], .any)
        let allowed = try await pay.send(.post, "/api/settle", body, key: "k", by: .stranger)
        #expect(allowed.status == 201)
    }

    @Test("a thousand requests with one key at once are one settlement and one answer")
    func sameKeyCrowd() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000_000)
        let body = try SettleBody().json
        let requests = (0..<1000).map { _ in pay.request(.post, "/api/settle", body, key: "k", by: .trusted) }
        let responses = try await pay.sendAll(requests)
        #expect(responses.allSatisfy { $0.status == 201 })
        #expect(Set(responses.map(\.body)).count == 1)
        #expect(responses.count { !$0.isReplayed } == 1)
        #expect(pay.ledger.book.settlements.count == 1)
    }

    @Test("a thousand requests at once for the last unit: exactly one gets it")
    func lastUnit() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 1)
        let body = try SettleBody().with { $0.amount = "1" }.json
        let requests = (0..<1000).map { pay.request(.post, "/api/settle", body, key: "k\($0)", by: .trusted) }
        let responses = try await pay.sendAll(requests)
        #expect(responses.count { $0.status == 201 } == 1)
        #expect(responses.count { $0.code == "insufficient_funds" } == 999)
        #expect(pay.ledger.book.settlements.count == 1)
    }
}
