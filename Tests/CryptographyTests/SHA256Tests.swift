import Cryptography
import Testing

@Suite("SHA-256 and HMAC")
struct SHA256Tests {
    @Test(
        "digests are those of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func knownAnswer(_ text: String, _ digest: String) {
        #expect(Hex.encode(SHA256.hash(text.utf8)) == digest)
        #expect(Hex.encode(SHA256.hash(Array(text.utf8))) == digest)
    }

    @Test("a million times a, in one piece and in uneven ones")
    func millionTimesA() {
        let bytes = [UInt8](repeating: 0x61, count: 1_000_000)
        let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(Hex.encode(SHA256.hash(bytes)) == digest)
        var hasher = SHA256.Hasher()
        var start = 0
        var length = 1
        while start < bytes.count {
            let end = min(start + length, bytes.count)
            hasher.update(bytes[start..<end])
            start = end
            length = length * 3 % 1_009 + 1
        }
        #expect(Hex.encode(hasher.finalize()) == digest)
    }

    @Test("a copy of a hasher goes its own way, and finalizing changes nothing")
    func copies() {
        var first = SHA256.Hasher()
        first.update("ab".utf8)
        var second = first
        #expect(first.finalize() == SHA256.hash("ab".utf8))
        first.update("c".utf8)
        second.update("d".utf8)
        #expect(first.finalize() == SHA256.hash("abc".utf8))
        #expect(second.finalize() == SHA256.hash("abd".utf8))
    }

    @Test(
        "tags are those of RFC 4231",
        arguments: [
            (
                String(repeating: "0b", count: 20), "4869205468657265",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (
                String(repeating: "aa", count: 131),
                "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579"
                    + "202d2048617368204b6579204669727374",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ])
    func tags(_ key: String, _ message: String, _ tag: String) throws {
        let key = try #require(Hex.decode(key))
        let message = try #require(Hex.decode(message))
        let expected = try #require(Hex.decode(tag))
        #expect(HMACSHA256.authenticate(message, key: key) == expected)
        let prepared = HMACSHA256.Key(key)
        #expect(prepared.authenticate(message) == expected)
        #expect(prepared.authenticate(message) == expected, "a prepared key serves again")
        #expect(prepared.isValid(expected, for: message))
        #expect(!prepared.isValid(expected.dropLast(), for: message))
        #expect(!prepared.isValid(expected, for: message + [0]))
        #expect(!"\(prepared)".contains(Hex.encode(key)))
    }

    @Test("constant-time comparison tells equal from unequal at every position")
    func comparison() {
        let bytes = [UInt8](0..<64)
        #expect(constantTimeEquals(bytes, bytes))
        #expect(constantTimeEquals([UInt8](), [UInt8]()))
        #expect(!constantTimeEquals(bytes, bytes[..<63]))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 0x80
            #expect(!constantTimeEquals(bytes, other))
        }
    }

    @Test("random bytes have the length asked for and do not repeat")
    func random() {
        #expect(RandomBytes.generate(0).isEmpty)
        #expect(Set((0..<64).map { _ in RandomBytes.generate(16) }).count == 64)
    }
}
