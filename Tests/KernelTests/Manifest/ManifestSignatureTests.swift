import Cryptography
import Kernel
import Testing

@Suite("Signatures of manifests")
struct ManifestSignatureTests {
    private let owner = TestKey(1)
    private let contributor = TestKey(2)
    private let stranger = TestKey(3)
    private let platform = TestKey(4)

    private func owned() -> String {
        Fixture.newer([(contributor.name, "0.5"), (owner.name, "0.5")], owner: owner.name)
    }

    /// The text with a member added, whatever it says.
    private func adding(_ member: String, to text: String) -> String { text.dropLast() + "," + member + "}" }

    private func signature(_ text: String, _ key: TestKey) throws -> [UInt8] {
        try key.privateKey.sign(Manifest.signedBytes(of: Fixture.json(text)))
    }

    @Test("all three forms verify")
    func forms() throws {
        let text = owned()
        let bytes = try signature(text, owner)
        let (hex, base64) = (Hex.encode(bytes), Base64URL.encode(bytes))
        let forms = [
            #"{"algorithm":"ed25519","value":"\#(hex)","publicKeyRef":"\#(owner.name)"}"#,
            #"{"signer":"\#(owner.name)","alg":"ed25519","value":"\#(base64)","signedAt":"2026-03-31T12:00:00Z"}"#,
            "\"\(hex)\"",
        ]
        for form in forms {
            let verified = try Fixture.verify(adding("\"signature\":\(form)", to: text))
            #expect(verified.signer == owner.did)
            #expect(verified.platform == nil)
            #expect(verified.chain == [verified.cid])
        }
    }

    @Test("a bare string is the owner's, else the first contributor's")
    func bare() throws {
        func bare(_ text: String, _ key: TestKey) throws -> String {
            adding("\"signature\":\"\(Hex.encode(try signature(text, key)))\"", to: text)
        }
        #expect(try Fixture.code(bare(owned(), owner)) == nil)
        #expect(try Fixture.code(bare(owned(), contributor)) == "manifest_signature_invalid")
        let ownerless = Fixture.original([(contributor.name, "0.5"), (owner.name, "0.5")])
        #expect(try Fixture.code(bare(ownerless, contributor)) == nil)
        #expect(try Fixture.code(bare(ownerless, owner)) == "manifest_signature_invalid")
        let legacy = Fixture.original([("somebody", "0.5"), (owner.name, "0.5")])
        #expect(try Fixture.code(bare(legacy, owner)) == "manifest_signature_invalid")
    }

    @Test("nothing, null and an empty string are no signature", arguments: ["null", "\"\""])
    func unsigned(value: String) throws {
        #expect(try Fixture.code(owned()) == "manifest_unsigned")
        #expect(try Fixture.code(adding("\"signature\":\(value)", to: owned())) == "manifest_unsigned")
    }

    @Test("a changed manifest, a changed signature and another's key are found out")
    func tampered() throws {
        let signed = try Fixture.sign(owned(), owner)
        #expect(try Fixture.code(signed) == nil)
        #expect(try Fixture.code(signed.replacing("0.5", with: "0.4")) == "manifest_signature_invalid")
        #expect(try Fixture.code(signed.replacing("ticket", with: "Ticket")) == "manifest_signature_invalid")
        #expect(try Fixture.code(adding(#""unknown":1"#, to: signed)) == "manifest_signature_invalid")
        let bytes = try signature(owned(), owner)
        for index in [0, 31, 32, 63] {
            var changed = bytes
            changed[index] ^= 1
            let text = adding(#""signature":"\#(Hex.encode(changed))""#, to: owned())
            #expect(try Fixture.code(text) == "manifest_signature_invalid")
        }
        let hex = Hex.encode(bytes)
        let claimed = #""signature":{"algorithm":"ed25519","value":"\#(hex)","publicKeyRef":"\#(contributor.name)"}"#
        #expect(try Fixture.code(adding(claimed, to: owned())) == "manifest_signature_invalid")
    }

    @Test("a member that can be no signature fails the signature check")
    func unreadable() throws {
        let hex = Hex.encode(try signature(owned(), owner))
        let values = [
            #""...""#, "\"\(hex.dropLast(2))\"", "\"\(hex)00\"", "\"\(hex.dropLast())g\"",
            #"{"algorithm":"rsa","value":"\#(hex)","publicKeyRef":"\#(owner.name)"}"#,
            #"{"algorithm":"ed25519","value":"xyz","publicKeyRef":"\#(owner.name)"}"#,
            #"{"algorithm":"ed25519","value":"\#(hex)","publicKeyRef":"nobody"}"#,
            #"{"alg":"ed25519","value":"\#(hex)","signer":"\#(owner.name)"}"#,
            #"{"algorithm":"ed25519","value":"\#(hex)","publicKeyRef":"did:imajin:soft:abc"}"#,
        ]
        for value in values {
            #expect(try Fixture.code(adding("\"signature\":\(value)", to: owned())) == "manifest_signature_invalid")
            let endorsed = adding("\"platformSignature\":\(value)", to: try Fixture.sign(owned(), owner))
            #expect(try Fixture.code(endorsed) == "manifest_platform_signature_invalid")
        }
    }

    @Test("with an owner only the owner or its delegate signs, without one only a contributor")
    func parties() throws {
        #expect(try Fixture.code(Fixture.sign(owned(), contributor)) == "manifest_signer_not_party")
        #expect(try Fixture.code(Fixture.sign(owned(), stranger)) == "manifest_signer_not_party")
        let delegating = Delegates(delegate: stranger.did, owner: owner.did)
        #expect(try Fixture.code(Fixture.sign(owned(), stranger), keys: delegating) == nil)
        #expect(try Fixture.code(Fixture.sign(owned(), contributor), keys: delegating) == "manifest_signer_not_party")
        let ownerless = Fixture.original([(contributor.name, "1")])
        #expect(try Fixture.code(Fixture.sign(ownerless, contributor)) == nil)
        #expect(try Fixture.code(Fixture.sign(ownerless, stranger)) == "manifest_signer_not_party")
        #expect(try Fixture.code(Fixture.sign(ownerless, stranger), keys: delegating) == "manifest_signer_not_party")
    }

    @Test("a delegate signs for a soft owner, and speaks in the owner's name")
    func softOwner() throws {
        let soft = "did:imajin:business:shop"
        let text = Fixture.newer([(contributor.name, "0.25")], owner: soft)
        let delegating = Delegates(delegate: stranger.did, owner: try DID(soft))
        let verified = try Fixture.verify(Fixture.sign(text, stranger), keys: delegating)
        #expect(verified.signer == stranger.did)
        #expect(verified.authority.string == soft)
        #expect(try SplitPlan(verified, right: nil).lines.map(\.did.string) == [contributor.name, soft])
    }

    @Test("a key that is retired, unknown or out of reach has a code of its own")
    func lookups() throws {
        let signed = try Fixture.sign(owned(), owner)
        let endorsed = try Fixture.sign(signed, platform, as: .platform)
        #expect(try Fixture.code(signed, keys: Fixed(answers: [owner.did: .retired])) == "key_retired")
        #expect(try Fixture.code(signed, keys: Fixed(answers: [owner.did: .unavailable])) == "identity_unavailable")
        #expect(try Fixture.code(signed, keys: Fixed(answers: [owner.did: .unknown])) == "manifest_signature_invalid")
        #expect(try Fixture.code(signed, keys: Fixed(answers: [owner.did: .keys([])])) == "manifest_signature_invalid")
        let rotated = Fixed(answers: [owner.did: .keys([stranger.privateKey.publicKey, owner.privateKey.publicKey])])
        #expect(try Fixture.code(signed, keys: rotated) == nil)
        for answer in [KeyLookup.retired, .unknown, .keys([])] {
            let keys = Fixed(answers: [platform.did: answer])
            #expect(try Fixture.code(endorsed, keys: keys) == "manifest_platform_signature_invalid")
        }
        #expect(
            try Fixture.code(endorsed, keys: Fixed(answers: [platform.did: .unavailable])) == "identity_unavailable")
    }

    @Test("a platform signature must verify where it is present, and be there where it is required")
    func platforms() throws {
        let signed = try Fixture.sign(owned(), owner)
        let endorsed = try Fixture.sign(signed, platform, as: .platform)
        #expect(try Fixture.verify(endorsed).platform == platform.did)
        #expect(try Fixture.parse(endorsed).claimedSigners == [owner.did, platform.did])
        #expect(try Fixture.code(signed, platform: .required(by: [])) == "manifest_platform_signature_invalid")
        #expect(try Fixture.code(endorsed, platform: .required(by: [])) == nil)
        #expect(try Fixture.code(endorsed, platform: .required(by: [platform.did])) == nil)
        #expect(
            try Fixture.code(endorsed, platform: .required(by: [stranger.did])) == "manifest_platform_signature_invalid"
        )
        let edited = try Fixture.sign(endorsed.replacing("ticket", with: "pass"), owner)
        #expect(try Fixture.code(edited) == "manifest_platform_signature_invalid")
    }

    @Test("a later manifest of the same id speaks for the same owner")
    func successors() throws {
        let first = try Fixture.verify(Fixture.sign(owned(), owner))
        let later = try Fixture.verify(Fixture.sign(owned().replacing("0.5", with: "0.4"), owner))
        try later.requireSuccessor(ofAuthority: first.authority)
        let other = Fixture.newer([(contributor.name, "1")], owner: stranger.name)
        let taken = try Fixture.verify(Fixture.sign(other, stranger))
        #expect(throws: ManifestError.ownerChanged(from: owner.did, to: stranger.did)) {
            try taken.requireSuccessor(ofAuthority: first.authority)
        }
        #expect(ManifestError.ownerChanged(from: owner.did, to: stranger.did).code == "manifest_owner_changed")
    }

    private struct Delegates: KeyResolver {
        let delegate: DID
        let owner: DID
        func keys(for did: DID) -> KeyLookup { DIDKeyResolver().keys(for: did) }
        func isDelegate(_ did: DID, of owner: DID) -> Bool { did == delegate && owner == self.owner }
    }

    private struct Fixed: KeyResolver {
        let answers: [DID: KeyLookup]
        func keys(for did: DID) -> KeyLookup { answers[did] ?? DIDKeyResolver().keys(for: did) }
    }
}
