import Cryptography
import Testing
import TestMaterial

@Suite("Key files")
struct KeyFileTests {
    @Test("a private key survives a JWK, and the example of RFC 8037 is read")
    func jwk() throws {
        let key = Ed25519PrivateKey()
        let privateJWK = JWK.encode(privateKey: key)
        #expect(try JWK.decodePrivate(privateJWK).seed == key.seed)
        #expect(try JWK.decodePublic(privateJWK) == key.publicKey)
        let publicJWK = JWK.encode(publicKey: key.publicKey)
        #expect(try JWK.decodePublic(publicJWK) == key.publicKey)
        #expect(throws: CryptographyError.jwkInvalid) { try JWK.decodePrivate(publicJWK) }
        let root = try JSONDocument(parsing: privateJWK).root
        #expect(root["kid"]?.string == DID(publicKey: key.publicKey).string)
        #expect(root["kty"]?.string == "OKP" && root["crv"]?.string == "Ed25519")
        #expect(try JSONDocument(parsing: publicJWK).root["d"] == nil)
        let published =
            #"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","#
            + #""x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
        let read = try JWK.decodePrivate(Array(published.utf8))
        #expect(Hex.encode(read.seed) == "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    }

    @Test("a JWK of another kind, damaged, weak or with halves of two pairs is refused")
    func refusedJWK() throws {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        let d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
        let other = Base64URL.encode(Ed25519PrivateKey().publicKey.rawBytes)
        let weak = Base64URL.encode([1] + [UInt8](repeating: 0, count: 31))
        let cases: [(String, CryptographyError)] = [
            ("", .jwkInvalid), ("[]", .jwkInvalid), ("{}", .jwkInvalid),
            (#"{"kty":"EC","crv":"Ed25519","x":"\#(x)","d":"\#(d)"}"#, .jwkInvalid),
            (#"{"kty":"OKP","crv":"X25519","x":"\#(x)","d":"\#(d)"}"#, .jwkInvalid),
            (#"{"kty":"OKP","crv":"Ed25519","d":"\#(d)"}"#, .jwkInvalid),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)"}"#, .jwkInvalid),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","d":"\#(d)="}"#, .jwkInvalid),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","d":"AAAA"}"#, .jwkInvalid),
            (#"{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":"\#(d)"}"#, .keyLengthInvalid),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(other)","d":"\#(d)"}"#, .keyMismatch),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(weak)","d":"\#(d)"}"#, .keySmallOrder),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","d":"\#(d)","d":"\#(d)"}"#, .jwkInvalid),
        ]
        for (text, error) in cases {
            #expect(throws: error, "\(text)") { try JWK.decodePrivate(Array(text.utf8)) }
        }
    }

    @Test("Solana's keypair files are read and written")
    func solana() throws {
        for entry in try #require(try Fixture.json("keys/solana-keys.json")["keypairs"]).elements {
            let keypair = entry.hex("seedHex") + entry.hex("publicKeyHex")
            let file = Array("\(keypair)".utf8)
            let key = try SolanaKeypair.decode(file)
            #expect(key.publicKey.description == entry.text("address"))
            #expect(String(decoding: SolanaKeypair.encode(key), as: UTF8.self) == "\(keypair)".filter { $0 != " " })
        }
    }

    @Test("a keypair file of another shape or with halves of two pairs is refused")
    func refusedSolana() throws {
        let key = Ed25519PrivateKey()
        let good = key.seed + key.publicKey.rawBytes
        let texts = [
            "", "[]", "{}", "\(good.dropLast())", "\(good + [0])", "\(good.dropLast().map(Int.init) + [256])",
            "\(good.dropLast().map(Int.init) + [-1])", "[[1]]",
        ]
        for text in texts {
            #expect(throws: CryptographyError.solanaKeypairInvalid, "\(text)") {
                try SolanaKeypair.decode(Array(text.utf8))
            }
        }
        let mixed = key.seed + Ed25519PrivateKey().publicKey.rawBytes
        #expect(throws: CryptographyError.keyMismatch) { try SolanaKeypair.decode(Array("\(mixed)".utf8)) }
    }

    @Test("errors have stable codes")
    func codes() {
        #expect(
            CryptographyError.keySmallOrder.code == "key_small_order"
                && CryptographyError.didInvalid.code == "did_invalid")
        #expect(JWSError.keyInHeader.code == "jws_key_in_header" && CBORError.keysUnsorted.code == "cbor_keys_unsorted")
        #expect(JSONError.Reason.allCases.allSatisfy { $0.rawValue.hasPrefix("json_") })
    }
}
