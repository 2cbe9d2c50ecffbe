import Cryptography
import Kernel
import Testing

@Suite("Signing manifests")
struct ManifestSignerTests {
    private let key = TestKey(1)
    private let platform = TestKey(2)

    @Test("the result is canonical, holds the signature at its place, and verifies")
    func signs() throws {
        let text = Fixture.original([(key.name, "0.50"), (platform.name, "5e-1")])
        let signed = try Fixture.sign(text, key)
        let value = try Fixture.json(signed)
        #expect(Array(signed.utf8) == value.canonicalBytes())
        #expect(value["signature"]?["algorithm"]?.string == "ed25519")
        #expect(value["signature"]?["publicKeyRef"]?.string == key.name)
        #expect(value["signature"]?["value"]?.string?.count == 128)
        #expect(try Fixture.verify(signed).signer == key.did)
    }

    @Test("signing again replaces the signature; the platform's and the author's do not disturb each other")
    func twice() throws {
        let text = Fixture.original([(key.name, "1")])
        let once = try Fixture.sign(text, key)
        #expect(try Fixture.sign(once, key) == once)
        let endorsedLast = try Fixture.sign(once, platform, as: .platform)
        let endorsedFirst = try Fixture.sign(Fixture.sign(text, platform, as: .platform), key)
        #expect(endorsedFirst == endorsedLast)
        let verified = try Fixture.verify(endorsedLast)
        #expect(verified.signer == key.did)
        #expect(verified.platform == platform.did)
    }

    @Test("1.1 is signed in its own form where a time is given")
    func newerForm() throws {
        let text = Fixture.newer([(key.name, "1")], fair: "1.1", owner: key.name)
        let signed = try Fixture.sign(text, key, signedAt: "2026-03-31T12:00:00.000Z")
        let signature = try Fixture.json(signed)["signature"]
        #expect(signature?["signer"]?.string == key.name)
        #expect(signature?["alg"]?.string == "ed25519")
        #expect(signature?["signedAt"]?.string == "2026-03-31T12:00:00.000Z")
        #expect(try Fixture.verify(signed).signer == key.did)
        let without = try Fixture.json(Fixture.sign(text, key))["signature"]
        #expect(without?["publicKeyRef"]?.string == key.name)
        let older = Fixture.newer([(key.name, "1")], owner: key.name)
        let olderSigned = try Fixture.json(Fixture.sign(older, key, signedAt: "2026-03-31T12:00:00.000Z"))
        #expect(olderSigned["signature"]?["publicKeyRef"]?.string == key.name)
    }

    @Test("any object can be signed, nothing else")
    func anyObject() throws {
        let empty = try Fixture.sign("{}", key)
        #expect(try Fixture.json(empty).count == 1)
        for text in ["[]", "1", "null"] {
            let error = #expect(throws: ManifestError.self) { try Fixture.sign(text, key) }
            #expect(error?.code == "manifest_malformed")
        }
    }
}
