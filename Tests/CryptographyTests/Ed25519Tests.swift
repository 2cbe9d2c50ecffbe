import Cryptography
import Testing
import TestMaterial

@Suite("Ed25519")
struct Ed25519Tests {
    /// The order L of the group, little-endian.
    static let order: [UInt8] =
        [0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14]
        + [UInt8](repeating: 0, count: 15) + [0x10]

    /// The y coordinates of the points of small order, canonical, without a sign bit.
    static let smallOrder = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ]

    @Test("keys and signatures are those of RFC 8032")
    func vectors() throws {
        let vectors = Array(try Fixture.json("rfc8032/ed25519.json").elements)
        #expect(vectors.count == 4)
        for vector in vectors {
            let key = try Ed25519PrivateKey(seed: vector.hex("seed"))
            #expect(Hex.encode(key.publicKey.rawBytes) == vector.text("publicKey"))
            #expect(Hex.encode(key.sign(vector.hex("message"))) == vector.text("signature"))
            #expect(key.publicKey.isValidSignature(vector.hex("signature"), for: vector.hex("message")))
        }
    }

    @Test("a signature fails with any bit of it, of the message or of the key changed")
    func bitFlips() throws {
        let key = try Ed25519PrivateKey(seed: [UInt8](repeating: 7, count: 32))
        let message = Array("ten thousand minor units".utf8)
        let signature = key.sign(message)
        for bit in 0..<512 {
            var changed = signature
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!key.publicKey.isValidSignature(changed, for: message))
        }
        for index in message.indices {
            var changed = message
            changed[index] ^= 1
            #expect(!key.publicKey.isValidSignature(signature, for: changed))
        }
        let other = Ed25519PrivateKey().publicKey
        #expect(!other.isValidSignature(signature, for: message))
    }

    @Test("a signature of another length is refused", arguments: [0, 1, 32, 63, 65, 128])
    func signatureLength(_ count: Int) throws {
        let key = Ed25519PrivateKey()
        let signature = key.sign("x".utf8)
        let other = Array((signature + signature).prefix(count))
        #expect(!key.publicKey.isValidSignature(other, for: "x".utf8))
    }

    @Test("S + L is refused: a signature has one form")
    func malleability() throws {
        for round in 0..<32 {
            let key = try Ed25519PrivateKey(seed: [UInt8](repeating: UInt8(round), count: 32))
            let signature = key.sign([UInt8(round)])
            var carry = 0
            var malleated = signature
            for index in 0..<32 {
                let sum = Int(signature[32 + index]) + Int(Self.order[index]) + carry
                malleated[32 + index] = UInt8(truncatingIfNeeded: sum)
                carry = sum >> 8
            }
            #expect(carry == 0)
            #expect(key.publicKey.isValidSignature(signature, for: [UInt8(round)]))
            #expect(!key.publicKey.isValidSignature(malleated, for: [UInt8(round)]))
        }
    }

    @Test("a small-order R is refused", arguments: smallOrder)
    func smallOrderR(_ point: String) throws {
        let key = Ed25519PrivateKey()
        let point = try #require(Hex.decode(point))
        for sign in [UInt8(0), 0x80] {
            var signature = point + key.sign("x".utf8).suffix(32)
            signature[31] |= sign
            #expect(!key.publicKey.isValidSignature(signature, for: "x".utf8))
            signature.replaceSubrange(32..<64, with: [UInt8](repeating: 0, count: 32))
            #expect(!key.publicKey.isValidSignature(signature, for: "x".utf8))
        }
    }

    @Test("a small-order key is refused, whatever the sign of x", arguments: smallOrder)
    func smallOrderKey(_ point: String) throws {
        var point = try #require(Hex.decode(point))
        #expect(throws: CryptographyError.keySmallOrder) { try Ed25519PublicKey(rawBytes: point) }
        point[31] |= 0x80
        #expect(throws: CryptographyError.keySmallOrder) { try Ed25519PublicKey(rawBytes: point) }
    }

    @Test("the key 01 00… is refused, under which R = key and S = 0 would sign every message")
    func universalForgery() {
        let key = [UInt8(1)] + [UInt8](repeating: 0, count: 31)
        #expect(throws: CryptographyError.keySmallOrder) { try Ed25519PublicKey(rawBytes: key) }
        #expect(throws: CryptographyError.didInvalid) { try DID("did:imajin:" + Base58.encode(key)) }
    }

    @Test("keys with y from p to 2^255 - 1 are refused, the one below p is not")
    func nonCanonicalKeys() throws {
        var bytes = [UInt8](repeating: 0xff, count: 32)
        for sign in [UInt8(0x7f), 0xff] {
            bytes[31] = sign
            for low in UInt8(0xed)...0xff {
                bytes[0] = low
                #expect(throws: CryptographyError.keyNonCanonical) { try Ed25519PublicKey(rawBytes: bytes) }
            }
            bytes[0] = 0xeb
            #expect(try Ed25519PublicKey(rawBytes: bytes).rawBytes == bytes)
        }
    }

    @Test("a key of another length is refused", arguments: [0, 31, 33, 64])
    func keyLength(_ count: Int) {
        let bytes = [UInt8](repeating: 9, count: count)
        #expect(throws: CryptographyError.keyLengthInvalid) { try Ed25519PublicKey(rawBytes: bytes) }
        #expect(throws: CryptographyError.keyLengthInvalid) { try Ed25519PrivateKey(seed: bytes) }
    }

    @Test("under a key that is no point of the curve nothing verifies")
    func offCurveKey() throws {
        let bytes = [UInt8(2)] + [UInt8](repeating: 0, count: 31)
        #expect(!Ed25519Point.isOnCurve(bytes))
        let key = try Ed25519PublicKey(rawBytes: bytes)
        #expect(!key.isValidSignature(Ed25519PrivateKey().sign("x".utf8), for: "x".utf8))
    }

    @Test("points are told from other bytes as Solana's programs do")
    func onCurve() throws {
        let cases = try #require(try Fixture.json("keys/solana-keys.json")["onCurve"])
        #expect(cases.count == 57)
        for point in cases.elements {
            let name = point.text("name")
            #expect(Ed25519Point.isOnCurve(point.hex("hex")) == point["onCurve"]?.bool, "\(name)")
        }
        #expect(!Ed25519Point.isOnCurve([UInt8](repeating: 1, count: 31)))
    }

    @Test("new keys differ, and no printed form of a private key shows its seed")
    func secrecy() throws {
        let key = Ed25519PrivateKey()
        #expect(key.seed != Ed25519PrivateKey().seed)
        #expect(try Ed25519PrivateKey(seed: key.seed).publicKey == key.publicKey)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains(Hex.encode(key.seed)))
            #expect(!text.contains("\(key.seed)"))
            #expect(!text.contains(Base64URL.encode(key.seed)))
        }
    }
}
