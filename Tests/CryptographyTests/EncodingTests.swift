import Cryptography
import Testing
import TestMaterial

@Suite("Text forms of bytes")
struct EncodingTests {
    @Test(
        "base 64, base 32 and base 16 are those of RFC 4648",
        arguments: [
            ("", "", "", ""), ("f", "Zg==", "my", "66"), ("fo", "Zm8=", "mzxq", "666f"),
            ("foo", "Zm9v", "mzxw6", "666f6f"),
            ("foob", "Zm9vYg==", "mzxw6yq", "666f6f62"), ("fooba", "Zm9vYmE=", "mzxw6ytb", "666f6f6261"),
            ("foobar", "Zm9vYmFy", "mzxw6ytboi", "666f6f626172"),
        ])
    func rfc4648(_ plain: String, _ base64: String, _ base32: String, _ hex: String) {
        let bytes = Array(plain.utf8)
        let base64URL = base64.filter { $0 != "=" }
        #expect(Base64.encode(bytes) == base64)
        #expect(Base64.decode(base64) == bytes)
        #expect(Base64URL.encode(bytes) == base64URL)
        #expect(Base64URL.decode(base64URL) == bytes)
        #expect(Base32.encode(bytes) == base32)
        #expect(Base32.decode(base32) == bytes)
        #expect(Hex.encode(bytes) == hex)
        #expect(Hex.decode(hex.uppercased()) == bytes)
    }

    @Test(
        "base 58 gives the published examples",
        arguments: [
            ("48656c6c6f20576f726c6421", "2NEpo7TZRRrLZSi2U"),
            (
                "54686520717569636b2062726f776e20666f78206a756d7073206f76657220746865206c617a7920646f672e",
                "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"
            ),
            ("0000287fb4cd", "11233QC4"), ("", ""), ("00", "1"),
        ])
    func base58(_ hex: String, _ text: String) throws {
        let bytes = try #require(Hex.decode(hex))
        #expect(Base58.encode(bytes) == text)
        #expect(Base58.decode(text) == bytes)
    }

    @Test("base 58 agrees with Solana's keys and refuses what Solana refuses")
    func base58Solana() throws {
        let fixture = try Fixture.json("keys/solana-keys.json")
        for key in try #require(fixture["keypairs"]).elements {
            let publicKey = key.hex("publicKeyHex")
            #expect(Base58.encode(publicKey) == key.text("address"))
            #expect(Base58.encode(key.hex("seedHex") + publicKey) == key.text("keypairBase58"))
            #expect(try DID("did:imajin:" + key.text("address")).publicKey?.rawBytes == publicKey)
        }
        for item in try #require(fixture["base58"]).elements {
            #expect(Base58.encode(item.hex("hex")) == item.text("base58"))
            #expect(Base58.decode(item.text("base58")) == item.hex("hex"))
        }
        for text in try #require(fixture["base58Invalid"]).elements {
            #expect(Base58.decode(try #require(text.string)) == nil)
        }
        #expect(Base58.decode(String(repeating: "1", count: Base58.lengthMax + 1)) == nil)
    }

    @Test("text that encodes nothing, or encodes it a second way, is refused")
    func strict() {
        for text in [
            "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v=", "Zm9v====", "Z", "Zm 9v", "Zm9v\n", "Zm9-", "=", "====",
        ] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
        for text in ["Zg==", "Zh", "Zm9", "A", "AAAAA", "Zm9v\n", "Zm+v", "Zm/v", "Zm9vé"] {
            #expect(Base64URL.decode(text) == nil, "\(text)")
        }
        for text in ["MY", "my======", "mz", "m", "mzx", "mzxw6y", "mzxw60", "mzxw1"] {
            #expect(Base32.decode(text) == nil, "\(text)")
        }
        for text in ["0", "0g", "0x00", " 00", "é0"] {
            #expect(Hex.decode(text) == nil, "\(text)")
        }
    }

    @Test("random bytes come back from every text form, and 32 bytes from base 58 as from the general way")
    func roundTrips() {
        let seed = SeededGenerator.seed("round trips", default: 58)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            var bytes = generator.bytes(generator.below(70))
            for index in 0..<min(bytes.count, generator.below(6)) { bytes[index] = 0 }
            #expect(Base58.decode(Base58.encode(bytes)) == bytes, "seed \(seed)")
            #expect(Base64.decode(Base64.encode(bytes)) == bytes, "seed \(seed)")
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes, "seed \(seed)")
            #expect(Base32.decode(Base32.encode(bytes)) == bytes, "seed \(seed)")
            #expect(Hex.decode(Hex.encode(bytes)) == bytes, "seed \(seed)")
            guard bytes.count >= 32 else { continue }
            // One more byte takes the general path; its text with 31 zeros before it shows the same digits.
            let exact = Array(bytes[..<32])
            #expect(Base58.decode(Base58.encode(exact)) == exact, "seed \(seed)")
            #expect(Base58.encode([0] + exact) == "1" + Base58.encode(exact), "seed \(seed)")
        }
    }
}
