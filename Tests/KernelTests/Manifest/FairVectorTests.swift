import Cryptography
import Foundation
import Kernel
import Testing

@Suite("Known answers for .fair")
struct FairVectorTests {
    private let vectors: JSONValue

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "Fixtures/fair/manifests.json"))
        vectors = try JSONDocument(parsing: Array(data)).root
    }

    private func key(_ name: String) throws -> Ed25519PrivateKey {
        try Ed25519PrivateKey(seed: #require(vectors[name]?.string.flatMap(Hex.decode)))
    }

    @Test("canonical bytes, digests and signatures are those of an independent implementation")
    func manifests() throws {
        let (owner, platform) = (try key("owner_seed_hex"), try key("platform_seed_hex"))
        #expect(Hex.encode(owner.publicKey.rawBytes) == vectors["owner_pub_hex"]?.string)
        #expect(Hex.encode(platform.publicKey.rawBytes) == vectors["platform_pub_hex"]?.string)
        var count = 0
        for vector in try #require(vectors["manifests"]).elements {
            let manifest = try #require(vector["manifest"])
            let signedBytes = Manifest.signedBytes(of: manifest)
            #expect(String(decoding: signedBytes, as: UTF8.self) == vector["canonical"]?.string)
            #expect(Hex.encode(Manifest.cid(of: manifest).digest) == vector["sha256"]?.string)
            #expect(Hex.encode(owner.sign(signedBytes)) == vector["owner_sig_hex"]?.string)
            #expect(Base64URL.encode(owner.sign(signedBytes)) == vector["owner_sig_base64url"]?.string)
            let both = try ManifestSigner.sign(
                JSONDocument(parsing: ManifestSigner.sign(manifest, key: owner)).root, key: platform, as: .platform)
            let signed = try JSONDocument(parsing: both).root
            #expect(signed["signature"]?["value"]?.string == vector["owner_sig_hex"]?.string)
            #expect(signed["platformSignature"]?["value"]?.string == vector["platform_sig_hex"]?.string)
            #expect(Manifest.signedBytes(of: signed) == signedBytes)
            count += 1
        }
        #expect(count == 3)
    }

    @Test("the published example is read, and refused for a signer who takes no part in it")
    func published() throws {
        let example = try #require(vectors["manifests"]?.elements.first { _ in true }?["manifest"])
        let signed = try JSONDocument(parsing: ManifestSigner.sign(example, key: key("owner_seed_hex"))).root
        let manifest = try Manifest.parse(signed)
        #expect(manifest.contributors.map(\.weight.ratio.description) == ["3/5", "2/5"])
        let error = #expect(throws: ManifestError.self) {
            try ManifestVerifier.verify(manifest, resolving: { _ in nil })
        }
        #expect(error?.code == "manifest_signer_not_party")
    }

    @Test("published lists of shares divide as they say")
    func shares() throws {
        let valid = try #require(vectors["shares_tolerance"]?["valid"]).elements.compactMap(\.numberText)
        let plan = try plan(valid)
        #expect(plan.lines.map(\.weightText) == ["333333/1000000", "333333/1000000", "166667/500000"])
        let drift = try #require(vectors["drift"])
        let parts = try self.plan(drift["shares"]?.elements.compactMap(\.numberText) ?? [])
            .split(amountMinor: #require(drift["amount_minor"]?.int64))
        #expect(parts == [3_333, 3_333, 3_333])
        let fees = try #require(vectors["fee_subdivision"])
        let names = ["protocol", "node", "buyer_credit", "scope", "seller"]
        let divided = try self.plan(names.compactMap { fees["shares"]?[$0]?.numberText })
            .split(amountMinor: #require(fees["totalCents"]?.int64))
        #expect(divided == names.compactMap { fees["cents"]?[$0]?.int64 })
    }

    @Test("the published curve of multipliers is the one that is charged")
    func curve() throws {
        let published = try #require(vectors["frequency_curve"])
        let texts = ["1", "2", "3", "4", "5", "6+"].compactMap { published[$0]?.canonicalNumberText }
        #expect(texts == Gas.multipliers.map(\.description))
    }

    private func plan(_ weights: [String]) throws -> SplitPlan {
        let key = TestKey(1)
        let text = Fixture.original(weights.map { (key.name, $0) })
        return try SplitPlan(Fixture.verify(Fixture.sign(text, key)), right: nil)
    }
}
