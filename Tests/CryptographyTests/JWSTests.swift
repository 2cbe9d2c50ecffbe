import Cryptography
import Testing
import TestMaterial

@Suite("JWS")
struct JWSTests {
    private func token(_ header: String, payload: String = "{}") -> String {
        JWS.sign(payload: payload.utf8, headerBytes: header.utf8, key: Self.key)
    }

    private static let key = Ed25519PrivateKey()

    @Test("the example of RFC 8037 appendix A comes out and verifies")
    func rfc8037() throws {
        let seed = try #require(Base64URL.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))
        let key = try Ed25519PrivateKey(seed: seed)
        #expect(Base64URL.encode(key.publicKey.rawBytes) == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        let expected =
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
            + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        #expect(JWS.sign(payload: "Example of Ed25519 signing".utf8, key: key) == expected)
        let token = try JWS.parse(expected)
        #expect(token.isValid(under: key.publicKey))
        #expect(token.payload == Array("Example of Ed25519 signing".utf8))
        #expect(token.headerBytes == Array(#"{"alg":"EdDSA"}"#.utf8))
        #expect(token.type == nil && token.keyID == nil)
    }

    @Test("every token that a verifier must refuse is refused")
    func mustReject() throws {
        let fixture = try Fixture.json("dfos/jws-profile.json")
        let key = try Ed25519PublicKey(rawBytes: fixture.hex("publicKeyHex"))
        let tokens = try #require(fixture["allMustReject"])
        #expect(tokens.count == 9)
        for (name, compact) in tokens.members {
            let accepted = (try? JWS.parse(compact.string!))?.isValid(under: key) ?? false
            #expect(!accepted, "\(name)")
        }
    }

    @Test("published tokens verify under their signer's key and under no other")
    func positive() throws {
        let tokens = try #require(try Fixture.json("dfos/jws-profile.json")["positiveTokens"])
        let keys = try #require(try Fixture.json("dfos/keys.json")["keys"]).elements
            .map { try Ed25519PublicKey(rawBytes: $0.hex("publicKeyHex")) }
        #expect(tokens.count == 9)
        for (name, compact) in tokens.members {
            let token = try JWS.parse(compact.string!)
            #expect(keys.filter { token.isValid(under: $0) }.count == 1, "\(name)")
            #expect(token.type != nil && token.keyID != nil, "\(name)")
        }
    }

    @Test("the header is alg first and then the members given, in their order")
    func header() throws {
        let header = [("alg", "EdDSA"), ("typ", "x+json"), ("kid", "did:web:a"), ("cid", "\"quoted\"")]
        let compact = JWS.sign(payload: [1, 2, 3], header: header, key: Self.key)
        let token = try JWS.parse(compact)
        #expect(
            String(decoding: token.headerBytes, as: UTF8.self)
                == #"{"alg":"EdDSA","typ":"x+json","kid":"did:web:a","cid":"\"quoted\""}"#)
        #expect(token.type == "x+json" && token.keyID == "did:web:a" && token.payload == [1, 2, 3])
        #expect(token.isValid(under: Self.key.publicKey) && !token.isValid(under: Ed25519PrivateKey().publicKey))
        #expect(token.signingInput == Array(compact.utf8.prefix(token.signingInput.count)))
    }

    @Test(
        "headers that ask for anything else are refused",
        arguments: [
            (#"{"typ":"x"}"#, JWSError.algorithmUnsupported), (#"{"alg":"none"}"#, .algorithmUnsupported),
            (#"{"alg":"eddsa"}"#, .algorithmUnsupported), (#"{"alg":"HS256"}"#, .algorithmUnsupported),
            (#"{"alg":null}"#, .algorithmUnsupported),
            (#"{"alg":["EdDSA"]}"#, .algorithmUnsupported), (#"{"alg":"EdDSA","crit":["exp"]}"#, .extensionUnsupported),
            (#"{"alg":"EdDSA","crit":[]}"#, .extensionUnsupported),
            (#"{"alg":"EdDSA","crit":null}"#, .extensionUnsupported),
            (#"{"alg":"EdDSA","b64":false}"#, .extensionUnsupported),
            (#"{"alg":"EdDSA","b64":"true"}"#, .extensionUnsupported),
            (#"{"alg":"EdDSA","jwk":{}}"#, .keyInHeader), (#"{"alg":"EdDSA","x5c":[]}"#, .keyInHeader),
            (#"{"alg":"EdDSA","jku":"https://a"}"#, .keyInHeader),
            (#"{"alg":"EdDSA","x5u":"https://a"}"#, .keyInHeader),
            (#"{"alg":"EdDSA","\u006awk":{}}"#, .keyInHeader), (#"{"alg":"none","alg":"EdDSA"}"#, .headerInvalid),
            (#"{"alg":"EdDSA","kid":1}"#, .headerInvalid), (#"{"alg":"EdDSA","typ":null}"#, .headerInvalid),
            (#"["EdDSA"]"#, .headerInvalid),
            ("", .headerInvalid), ("{", .headerInvalid), (#""EdDSA""#, .headerInvalid),
        ])
    func refusedHeaders(_ header: String, _ error: JWSError) {
        let compact = token(header)
        #expect(throws: error) { try JWS.parse(compact) }
    }

    @Test("the shape is strict: three parts of base64url, 64 bytes of signature, limits")
    func shape() throws {
        let good = token(#"{"alg":"EdDSA"}"#)
        #expect(throws: Never.self) { try JWS.parse(good) }
        let parts = good.split(separator: ".").map(String.init)
        let bad = [
            "", ".", "..", "...", parts[0], parts[0] + "." + parts[1], good + ".", good + "." + parts[2], "." + good,
            good + "=", good + "\n",
            " " + good, good + "é", parts[0] + "=." + parts[1] + "." + parts[2], good.replacing(".", with: ".."),
        ]
        for text in bad { #expect(throws: JWSError.self, "\(text)") { try JWS.parse(text) } }
        #expect(throws: JWSError.signatureLengthInvalid) { try JWS.parse(parts[0] + "." + parts[1] + ".") }
        #expect(throws: JWSError.signatureLengthInvalid) { try JWS.parse(good + "AAAA") }
        let huge = token(#"{"alg":"EdDSA"}"#, payload: String(repeating: "x", count: JWS.tokenBytesMax))
        #expect(throws: JWSError.bytesExceeded) { try JWS.parse(huge) }
        let fatHeader = token(#"{"alg":"EdDSA","typ":"\#(String(repeating: "x", count: 9_000))"}"#)
        #expect(throws: JWSError.bytesExceeded) { try JWS.parse(fatHeader) }
    }

    @Test("damaged tokens never crash, and none of them verifies")
    func fuzz() throws {
        let seed = SeededGenerator.seed("JWS fuzz", default: 5)
        var generator = SeededGenerator(seed: seed)
        let original = Array(
            JWS.sign(payload: "{\"a\":1}".utf8, header: [("typ", "t"), ("kid", "k")], key: Self.key).utf8)
        var parsedCount = 0
        for _ in 0..<4_000 {
            let bytes = Mutation.apply(to: original, using: &generator)
            guard bytes != original, let token = try? JWS.parse(String(decoding: bytes, as: UTF8.self)) else {
                continue
            }
            parsedCount += 1
            #expect(!token.isValid(under: Self.key.publicKey), "seed \(seed)")
        }
        #expect(parsedCount > 10, "some of the damaged tokens still parse, seed \(seed)")
    }
}
