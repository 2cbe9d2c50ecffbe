import Cryptography
import Testing
import TestMaterial

@Suite("Canonical JSON (RFC 8785)")
struct CanonicalJSONTests {
    private func canonical(_ text: String, omitting names: [String] = []) throws -> String {
        String(decoding: try JSONDocument(parsing: text).root.canonicalBytes(omitting: names), as: UTF8.self)
    }

    @Test("numbers are those of appendix B")
    func numberTable() throws {
        let numbers = try #require(try Fixture.json("rfc8785/rfc8785.json")["numbers"])
        #expect(numbers.count == 24)
        for entry in numbers.elements {
            let bits = try #require(UInt64(entry.text("ieee754"), radix: 16))
            let value = Double(bitPattern: bits)
            #expect(ECMAScriptNumber.text(of: "\(value)") == entry.text("text"))
            #expect(ECMAScriptNumber.text(of: entry.text("text")) == entry.text("text"))
        }
    }

    @Test("two thousand numbers are written as Node.js writes them")
    func numbersOfNode() throws {
        let lines = try Fixture.text("rfc8785/doubles-node.txt").split(separator: "\n")
        #expect(lines.count == 2_000)
        for line in lines {
            let fields = line.split(separator: "\t").map(String.init)
            #expect(ECMAScriptNumber.text(of: fields[0]) == fields[1], "\(fields[0])")
        }
    }

    @Test(
        "text that is no number of JSON has no canonical form",
        arguments: ["", " 1", "1 ", "01", "NaN", "1e400", "[1]", "\"1\"", "1\n"])
    func noNumber(_ text: String) {
        #expect(ECMAScriptNumber.text(of: text) == nil)
    }

    @Test("every double's printed form is its own canonical form's value, seeded")
    func numbersComeBack() throws {
        let seed = SeededGenerator.seed("doubles", default: 8_785)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            let text = try #require(ECMAScriptNumber.text(of: "\(value)"))
            #expect(Double(text) == value, "seed \(seed)")
            #expect(ECMAScriptNumber.text(of: text) == text, "seed \(seed)")
        }
    }

    @Test("names are sorted by UTF-16 code units, and the published sample comes out")
    func published() throws {
        let fixture = try Fixture.json("rfc8785/rfc8785.json")
        let sorting = try #require(fixture["sorting"])
        let sorted = try canonical(sorting.text("input"))
        let values = try JSONDocument(parsing: sorted).root.members.map { $0.value.string }
        #expect(values == sorting["values"]?.elements.map { $0.string })
        let sample = try #require(fixture["sample"])
        #expect(try canonical(sample.text("input")) == sample.text("canonical"))
    }

    @Test("manifests and attestations have the published canonical form, digest and signatures")
    func fair() throws {
        let fixture = try Fixture.json("fair/canonical-signed.json")
        let owner = try Ed25519PrivateKey(seed: fixture.hex("owner_seed_hex"))
        let platform = try Ed25519PrivateKey(seed: fixture.hex("platform_seed_hex"))
        #expect(owner.publicKey.rawBytes == fixture.hex("owner_pub_hex"))
        #expect(platform.publicKey.rawBytes == fixture.hex("platform_pub_hex"))
        for entry in try #require(fixture["manifests"]).elements {
            let bytes = try #require(entry["manifest"]).canonicalBytes(omitting: ["signature", "platformSignature"])
            #expect(String(decoding: bytes, as: UTF8.self) == entry.text("canonical"))
            #expect(SHA256.hash(bytes) == entry.hex("sha256"))
            #expect(owner.sign(bytes) == entry.hex("owner_sig_hex"))
            #expect(Base64URL.encode(owner.sign(bytes)) == entry.text("owner_sig_base64url"))
            #expect(platform.sign(bytes) == entry.hex("platform_sig_hex"))
        }
        for entry in try #require(fixture["attestations"]).elements {
            let bytes = try #require(entry["object"]).canonicalBytes()
            #expect(String(decoding: bytes, as: UTF8.self) == entry.text("canonical"))
            #expect(owner.publicKey.isValidSignature(entry.hex("sig_hex_by_owner_key"), for: bytes))
        }
    }

    @Test(
        "each rule alone",
        arguments: [
            (#"{"b":1,"a":2}"#, #"{"a":2,"b":1}"#), (#" [ 1 , 2 ] "#, "[1,2]"), ("1.0", "1"), ("0.50", "0.5"),
            ("1E+2", "100"), ("-0", "0"),
            ("-0.0e5", "0"), ("1e21", "1e+21"), ("1e20", "100000000000000000000"), ("1e-6", "0.000001"),
            ("1e-7", "1e-7"),
            ("123456789012345678", "123456789012345680"), ("5e-324", "5e-324"), ("2e-324", "0"), ("0.1e-400", "0"),
            (#""\u0041\/\u00e9\u20ac""#, #""A/é€""#),
            (#""\u0000\u0008\u0009\u000a\u000b\u000c\u000d\u001f""#, #""\u0000\b\t\n\u000b\f\r\u001f""#),
            ("\"\\u007f\\u2028\\ufeff\"", "\"\u{7f}\u{2028}\u{feff}\""), (#""\"\\""#, #""\"\\""#),
            (#""\ud83d\ude00""#, "\"😀\""),
            (#"{"\ufb33":1,"\ud83d\ude00":2,"\ue000":3}"#, "{\"😀\":2,\"\u{e000}\":3,\"\u{fb33}\":1}"),
            (#"{"aa":1,"a":2,"":3,"Z":4,"b":{"d":[],"c":{}}}"#, #"{"":3,"Z":4,"a":2,"aa":1,"b":{"c":{},"d":[]}}"#),
        ])
    func rules(_ text: String, _ expected: String) throws {
        #expect(Array(try canonical(text).utf8) == Array(expected.utf8))
    }

    @Test("only the outermost object's members are left out")
    func omitting() throws {
        let text = #"{"signature":1,"b":{"signature":2},"\u0073ignature2":3,"platformSignature":{"x":1}}"#
        #expect(
            try canonical(text, omitting: ["signature", "platformSignature", "absent"])
                == #"{"b":{"signature":2},"signature2":3}"#)
        #expect(try canonical(text, omitting: ["signature2"]).contains("signature2") == false)
        #expect(try canonical(#"{"a":1}"#, omitting: ["a"]) == "{}")
        #expect(try canonical("[1]", omitting: ["a"]) == "[1]")
    }

    @Test("composed and decomposed text stay what they are")
    func normalisation() throws {
        let composed = try canonical("{\"\u{e9}\":\"\u{e9}\"}")
        let decomposed = try canonical("{\"e\u{301}\":\"e\u{301}\"}")
        #expect(Array(composed.utf8) != Array(decomposed.utf8))
        #expect(SHA256.hash(composed.utf8) != SHA256.hash(decomposed.utf8))
    }

    @Test("random values come out as an independent writer puts them, and stay so")
    func random() throws {
        let seed = SeededGenerator.seed("canonical", default: 42)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<3_000 {
            let model = JSONModel.random(depth: 4, using: &generator)
            let document = try JSONDocument(parsing: model.text(using: &generator))
            let once = document.root.canonicalBytes()
            #expect(String(decoding: once, as: UTF8.self) == model.canonical, "seed \(seed)")
            #expect(try JSONDocument(parsing: once).root.canonicalBytes() == once, "seed \(seed)")
        }
    }
}
