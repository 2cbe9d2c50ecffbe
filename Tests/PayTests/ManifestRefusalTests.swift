import Cryptography
import Kernel
import LedgerDouble
import Service
import Settlement
import Testing

@Suite("Manifests that are refused")
struct ManifestRefusalTests {
    private func settle(_ pay: PayFixture, _ manifest: [UInt8], key: String, chain: [[UInt8]] = []) async throws
        -> String
    {
        let body = SettleBody(manifest).with { $0.chain = chain }
        let response = try await pay.send(.post, "/api/settle", body.json, key: key, by: .trusted)
        return "\(response.status) \(response.code ?? "-")"
    }

    private static func tampered(_ json: [UInt8], _ name: String = "signature") throws -> [UInt8] {
        let signature = try #require(try JSONDocument(parsing: json).root[name]?["value"]?.string)
        let other = String(signature.dropLast()) + (signature.hasSuffix("0") ? "1" : "0")
        return Array(String(decoding: json, as: UTF8.self).replacing(signature, with: other).utf8)
    }

    @Test("each way to be refused has its code")
    func codes() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 100_000)
        let standard = Manifests.standard()
        let signed = try Manifests.signed(standard)
        #expect(try await settle(pay, Array("{}".utf8), key: "1") == "422 manifest_malformed")
        #expect(try await settle(pay, Array("[]".utf8), key: "1a") == "422 manifest_malformed")
        #expect(try await settle(pay, Array("null".utf8), key: "1b") == "422 manifest_malformed")
        #expect(
            try await settle(pay, try Manifests.signed(Manifests.standard(id: #"a\u0000b"#)), key: "1c")
                == "422 manifest_malformed")
        #expect(try await settle(pay, Array(standard.utf8), key: "2") == "422 manifest_unsigned")
        #expect(try await settle(pay, try Self.tampered(signed), key: "3") == "422 manifest_signature_invalid")
        let changed = Array(String(decoding: signed, as: UTF8.self).replacing("0.25", with: "0.24").utf8)
        #expect(try await settle(pay, changed, key: "3a") == "422 manifest_signature_invalid")
        #expect(
            try await settle(pay, try Manifests.signed(standard, by: .stranger), key: "4")
                == "422 manifest_signer_not_party")
        let endorsed = try Manifests.signed(String(decoding: signed, as: UTF8.self), by: .platform, as: .platform)
        #expect(try await settle(pay, endorsed, key: "5") == "201 -")
        #expect(
            try await settle(pay, try Self.tampered(endorsed, "platformSignature"), key: "6")
                == "422 manifest_platform_signature_invalid")
        let heavy = Manifests.text([(Person.artist.did.string, "a", "0.9"), (Person.producer.did.string, "b", "0.2")])
        #expect(try await settle(pay, try Manifests.signed(heavy), key: "7") == "422 weights_exceed_one")
    }

    @Test(
        "of several reasons the first counts: malformed, unsigned, signature, signer, platform, weights"
    )
    func order() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 100_000)
        let missing = "fair:" + CID(codec: .raw, hashing: Array("missing".utf8)).string
        func text(_ weights: [String]) -> String {
            Manifests.text(
                id: "urn:test:order",
                [(Person.artist.did.string, "a", weights[0]), (missing, "b", weights[1])])
        }
        let heavy = ["0.9", "0.9"]
        let badPlatform = { (json: [UInt8]) in
            try Self.tampered(
                try Manifests.signed(String(decoding: json, as: UTF8.self), by: .platform, as: .platform),
                "platformSignature")
        }
        // Everything wrong: the weight's form comes first.
        #expect(try await settle(pay, Array(text(["0.9", "9"]).utf8), key: "1") == "422 manifest_malformed")
        #expect(try await settle(pay, Array(text(heavy).utf8), key: "2") == "422 manifest_unsigned")
        let forged = try Self.tampered(try Manifests.signed(text(heavy), by: .stranger))
        #expect(try await settle(pay, try badPlatform(forged), key: "3") == "422 manifest_signature_invalid")
        let foreign = try badPlatform(try Manifests.signed(text(heavy), by: .stranger))
        #expect(try await settle(pay, foreign, key: "4") == "422 manifest_signer_not_party")
        let unendorsed = try badPlatform(try Manifests.signed(text(heavy)))
        #expect(try await settle(pay, unendorsed, key: "5") == "422 manifest_platform_signature_invalid")
        #expect(try await settle(pay, try Manifests.signed(text(heavy)), key: "6") == "422 weights_exceed_one")
        #expect(
            try await settle(pay, try Manifests.signed(text(["0.5", "0.5"])), key: "7") == "422 chain_unresolved")
        let unknownCurrency = SettleBody(Array(text(heavy).utf8)).with { $0.currency = "XXX" }
        let response = try await pay.send(.post, "/api/settle", unknownCurrency.json, key: "8", by: .trusted)
        #expect(response.code == "manifest_unsigned")
    }

    @Test("a node that requires a platform signature refuses a manifest without one")
    func platformRequired() async throws {
        var settings = PayFixture.Settings()
        settings.platform = .required(by: [Person.platform.did])
        let pay = try await PayFixture.start(settings)
        try await pay.fund(Person.payer.did, 100_000)
        let signed = try Manifests.signed(Manifests.standard())
        #expect(try await settle(pay, signed, key: "1") == "422 manifest_platform_signature_invalid")
        let endorsed = try Manifests.signed(String(decoding: signed, as: UTF8.self), by: .platform, as: .platform)
        #expect(try await settle(pay, endorsed, key: "2") == "201 -")
    }

    @Test("a retired key is refused and stays refused; keys that cannot be looked up are a reason to come again")
    func keys() async throws {
        struct Retired: KeyDirectory {
            func keys(for did: DID) -> KeyLookup {
                did == Person.artist.did ? .retired : did == Person.producer.did ? .unavailable : .unknown
            }
        }
        var settings = PayFixture.Settings()
        settings.keys = Retired()
        let pay = try await PayFixture.start(settings)
        #expect(try await settle(pay, try Manifests.signed(Manifests.standard()), key: "1") == "422 key_retired")
        let other = try Manifests.signed(Manifests.standard(), by: .producer)
        #expect(try await settle(pay, other, key: "2") == "503 identity_unavailable")
        let keys = pay.ledger.book.outcomes.keys.map(\.key)
        #expect(keys == ["1"])
    }

    @Test("a manifest's id belongs to who signed it first")
    func owner() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 100_000)
        #expect(try await settle(pay, try Manifests.signed(Manifests.standard()), key: "1") == "201 -")
        let second = try Manifests.signed(Manifests.standard(extra: #","title":"later""#))
        #expect(try await settle(pay, second, key: "2") == "201 -")
        let taken = try Manifests.signed(Manifests.standard(extra: #","title":"mine""#), by: .producer)
        #expect(try await settle(pay, taken, key: "3") == "422 manifest_owner_changed")
        #expect(try await settle(pay, taken, key: "4") == "422 manifest_owner_changed")
    }

    @Test("a stored refusal is replayed byte for byte; the same key with another body is refused")
    func stored() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 100_000)
        let body = SettleBody(Array(Manifests.standard().utf8)).json
        let first = try await pay.send(.post, "/api/settle", body, key: "k", by: .trusted)
        let second = try await pay.send(.post, "/api/settle", body, key: "k", by: .trusted)
        #expect(first.code == "manifest_unsigned")
        #expect(!first.isReplayed)
        #expect(second.isReplayed)
        #expect(first.text == second.text)
        let fixed = try await pay.send(.post, "/api/settle", try SettleBody().json, key: "k", by: .trusted)
        #expect(fixed.status == 422)
        #expect(fixed.code == "idempotency_key_reused")
    }
}
