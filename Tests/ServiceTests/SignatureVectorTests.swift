import Cryptography
import Service
import Testing

@Suite("HTTP message signatures: known answers")
struct SignatureVectorTests {
    /// RFC 9421, appendix B.1.4 (the key) and B.2.6 (the request, its base and its signature).
    @Test("the example of RFC 9421 B.2.6 is signed and verified")
    func example() throws {
        let key = try Ed25519PrivateKey(
            seed: #require(Base64URL.decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU")))
        #expect(key.publicKey.rawBytes == Base64URL.decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"))
        let parameters = """
            ("date" "@method" "@path" "@authority" "content-type" "content-length")\
            ;created=1618884473;keyid="test-key-ed25519"
            """
        var base = SignatureBase()
        base.add("date", "Tue, 20 Apr 2021 02:07:55 GMT")
        base.add("@method", "POST")
        base.add("@path", "/foo")
        base.add("@authority", "example.com")
        base.add("content-type", "application/json")
        base.add("content-length", "18")
        base.finish(parameters: Array(parameters.utf8)[...])
        let expected = """
            "date": Tue, 20 Apr 2021 02:07:55 GMT
            "@method": POST
            "@path": /foo
            "@authority": example.com
            "content-type": application/json
            "content-length": 18
            "@signature-params": \(parameters)
            """
        #expect(String(decoding: base.bytes, as: UTF8.self) == expected)
        let signature =
            "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
        #expect(Base64.encode(key.sign(base.bytes)) == signature)
        #expect(try key.publicKey.isValidSignature(#require(Base64.decode(signature)), for: base.bytes))
    }

    /// RFC 9530, appendix B.1: the digest of `{"hello": "world"}` and a line feed.
    @Test("the base of a request has one line per component, in the order received")
    func base() {
        let parts = SignedParts(
            method: "POST", authority: "pay.example", target: "/a%20b?x=1&y",
            contentDigest: "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:", idempotencyKey: "\"k\"")
        let parameters = Array("();created=1".utf8)
        let text = String(
            decoding: parts.base([.idempotencyKey, .query, .path, .method], parameters: parameters[...]), as: UTF8.self)
        #expect(
            text == """
                "idempotency-key": "k"
                "@query": ?x=1&y
                "@path": /a%20b
                "@method": POST
                "@signature-params": ();created=1
                """)
        #expect(parts.required == [.method, .authority, .path, .query, .contentDigest, .idempotencyKey])
    }
}
