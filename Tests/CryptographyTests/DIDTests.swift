import Cryptography
import Testing
import TestMaterial

@Suite("DID")
struct DIDTests {
    @Test("a key's DID is its base 58 text, and gives the key back")
    func keys() throws {
        for entry in try #require(try Fixture.json("dfos/keys.json")["keys"]).elements {
            let key = try Ed25519PrivateKey(seed: entry.hex("privateKeyHex"))
            #expect(key.publicKey.rawBytes == entry.hex("publicKeyHex"))
            let did = DID(publicKey: key.publicKey)
            #expect(did.string == entry.text("didImajin"))
            let read = try DID(entry.text("didImajin"))
            #expect(read == did)
            #expect(read.isKey && read.isImajin && !read.isSoft && read.kind == nil)
            #expect(read.publicKey == key.publicKey)
        }
    }

    @Test("a soft DID and its kin have a kind and no key", arguments: DIDKind.allCases)
    func kinds(_ kind: DIDKind) throws {
        let did = try DID(kind: kind, id: "A-z_0.9")
        #expect(did.string == "did:imajin:\(kind.rawValue):A-z_0.9")
        #expect(did.kind == kind)
        #expect(did.isSoft == (kind == .soft))
        #expect(!did.isKey && did.publicKey == nil && did.isImajin)
        #expect(throws: Never.self) { try DID("did:imajin:\(kind.rawValue):" + String(repeating: "x", count: 128)) }
        for id in ["", "a:b", "a b", "é", "a/b", "a#b", "a%20", String(repeating: "x", count: 129)] {
            #expect(throws: CryptographyError.didInvalid) { try DID(kind: kind, id: id) }
        }
    }

    @Test("a soft DID whose id is a key's text is still no key")
    func softIsNeverKey() throws {
        let address = DID(publicKey: Ed25519PrivateKey().publicKey).string.dropFirst("did:imajin:".count)
        let did = try DID("did:imajin:soft:\(address)")
        #expect(!did.isKey && did.publicKey == nil)
    }

    @Test(
        "other methods are well-formed and have no key",
        arguments: [
            "did:dfos:8kf8t2r2vtzv4t2e7ffrdvh87cc93er", "did:key:z6MkrzLMNwoJSV4P3YccWcbtk8vd9LtgMKnLeaDLUqLuASjb",
            "did:web:example.com%3A3000:user", "did:a:b", "did:0x:_", "did:example::x",
        ])
    func otherMethods(_ text: String) throws {
        let did = try DID(text)
        #expect(did.string == text)
        #expect(!did.isKey && !did.isImajin && did.publicKey == nil && did.kind == nil)
    }

    @Test(
        "everything else is refused",
        arguments: [
            "", "did", "did:", "did:imajin", "did:imajin:", "did:imajin:uploader", "did:imajin:5Qn8...",
            "DID:imajin:soft:x",
            "did:Imajin:soft:x", "did:imajin:soft", "did:imajin:soft:", "did:imajin::x", "did:imajin:SOFT:x",
            "did:imajin:unknown:x", "did:web:", "did:web:a:", "did:web:a#key", "did:web:a?x", "did:web:a/b",
            "did:web:a%2",
            "did:web:a%2x", "did:web:é", "did:WEB:a", "did:w-b:a", "did::a", " did:web:a", "did:web:a ", "did:web:a\n",
            "did:imajin:c6e6c109db4a1cc52995c0836f73cc6833d7e4624bc86e048118d72820873213",
            "did:imajin:DY5JnhYs6wZuw3muq3e3u3NdKmcpwSXyxZJQeZNtFDxD ",
            "did:imajin:1DY5JnhYs6wZuw3muq3e3u3NdKmcpwSXyxZJQeZNtFDxD",
            "did:imajin:DY5JnhYs6wZuw3muq3e3u3NdKmcpwSXyxZJQeZNtFD",
            "did:imajin:DY5JnhYs6wZuw3muq3e3u3NdKmcpwSXyxZJQeZNtFDxD0",
            "did:imajin:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
            "did:imajin:11111111111111111111111111111111",
            "did:imajin:1111111111111111111111111111111111111111111",
        ])
    func refused(_ text: String) {
        #expect(throws: CryptographyError.didInvalid) { try DID(text) }
        #expect(throws: CryptographyError.didInvalid) { try DID(utf8: Array(text.utf8)) }
    }

    @Test("a DID has at most 200 bytes")
    func length() throws {
        let longest = "did:web:" + String(repeating: "a", count: 192)
        #expect(try DID(longest).string.utf8.count == 200)
        #expect(throws: CryptographyError.didInvalid) { try DID(longest + "a") }
    }

    @Test("keys of small order and keys not canonically written are refused as DIDs")
    func weakKeys() throws {
        for point in Ed25519Tests.smallOrder {
            let bytes = try #require(Hex.decode(point))
            #expect(throws: CryptographyError.didInvalid) { try DID("did:imajin:" + Base58.encode(bytes)) }
        }
        let nonCanonical = [UInt8](repeating: 0xff, count: 32)
        #expect(throws: CryptographyError.didInvalid) { try DID("did:imajin:" + Base58.encode(nonCanonical)) }
    }

    @Test("a DID is read from a JSON string, and only from one")
    func json() throws {
        let did = DID(publicKey: Ed25519PrivateKey().publicKey)
        let document = try JSONDocument(parsing: #"{"a":"\#(did)","b":1,"c":"x","d":"did:web\u003aa"}"#)
        #expect(try DID(try #require(document.root["a"])) == did)
        for name in ["b", "c", "d"] {
            let value = try #require(document.root[name])
            #expect(throws: CryptographyError.didInvalid) { try DID(value) }
        }
    }

    @Test("DIDs are ordered and hashed by their bytes")
    func order() throws {
        let texts = ["did:web:B", "did:web:a", "did:imajin:soft:z", "did:web:_", "did:web:a.b"]
        let dids = try texts.map { try DID($0) }
        #expect(dids.sorted().map(\.string) == texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(Set(dids + dids).count == texts.count)
    }

    @Test("damaged DIDs never crash, and what is read comes back as it was written")
    func fuzz() throws {
        let seed = SeededGenerator.seed("DID fuzz", default: 1)
        var generator = SeededGenerator(seed: seed)
        let originals = [
            "did:imajin:DY5JnhYs6wZuw3muq3e3u3NdKmcpwSXyxZJQeZNtFDxD", "did:imajin:soft:abc", "did:web:a%3Ab:c",
        ]
        for _ in 0..<20_000 {
            let bytes = Mutation.apply(to: Array(originals[generator.below(3)].utf8), using: &generator)
            guard let did = try? DID(utf8: bytes) else { continue }
            #expect(Array(did.string.utf8) == bytes, "seed \(seed)")
            #expect(bytes.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "seed \(seed)")
            if let key = did.publicKey { #expect(DID(publicKey: key) == did, "seed \(seed)") }
        }
    }
}
