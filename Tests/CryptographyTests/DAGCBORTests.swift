import Cryptography
import Testing
import TestMaterial

@Suite("dag-cbor and CID")
struct DAGCBORTests {
    @Test("JSON values have the published bytes and identifiers")
    func published() throws {
        let fixture = try Fixture.json("dfos/dag-cbor-cid.json")
        let cases = try #require(fixture["accept"])
        #expect(cases.count == 10)
        for entry in cases.elements {
            let value = try DAGCBOR.fromJSON(try #require(entry["value"]))
            let bytes = DAGCBOR.encode(value)
            #expect(Hex.encode(bytes) == entry.text("cborHex"), "\(entry.text("name"))")
            #expect(CID(codec: .dagCBOR, hashing: bytes).string == entry.text("cid"))
            #expect(try DAGCBOR.decode(bytes) == value)
        }
    }

    @Test("numbers that are no safe integers are refused, integers written as decimals are not")
    func numbers() throws {
        let fixture = try Fixture.json("dfos/dag-cbor-cid.json")
        for text in try #require(fixture["rejectJsonText"]).elements.map({ $0.string! }) {
            if let document = try? JSONDocument(parsing: text) {
                #expect(throws: CBORError.self, "\(text)") { try DAGCBOR.fromJSON(document.root) }
            } else {
                #expect(text.contains("1e400"), "only a number beyond the doubles is refused by the parser")
            }
        }
        for pair in try #require(fixture["acceptJsonTextSameCid"]).elements.map({ $0.elements.map { $0.string! } }) {
            let bytes = DAGCBOR.encode(try DAGCBOR.fromJSON(try JSONDocument(parsing: pair[0]).root))
            #expect(CID(codec: .dagCBOR, hashing: bytes).string == pair[1])
        }
        let refusals: [(String, CBORError)] = [
            ("9007199254740992", .integerUnsafe), ("-9007199254740992", .integerUnsafe), ("1e300", .integerUnsafe),
            ("12345678901234567890123", .integerUnsafe), ("1.5", .fractionRefused), ("1e-7", .fractionRefused),
            ("12345678901234567890.5", .fractionRefused),
        ]
        for (text, error) in refusals {
            let value = try JSONDocument(parsing: text).root
            #expect(throws: error) { try DAGCBOR.fromJSON(value) }
        }
    }

    @Test("JSON is encoded straight from its text as through its values, members left out or not")
    func straight() throws {
        let seed = SeededGenerator.seed("JSON to dag-cbor", default: 12)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let document = try JSONDocument(
                parsing: JSONModel.random(depth: 4, using: &generator).text(using: &generator))
            let tree = try DAGCBOR.fromJSON(document.root)
            #expect(try DAGCBOR.encode(json: document.root) == DAGCBOR.encode(tree), "seed \(seed)")
            guard case .map(let map) = tree, let name = map.members.last?.key else { continue }
            let rest = try CBORMap(map.members.dropLast().map { ($0.key, $0.value) })
            #expect(
                try DAGCBOR.encode(json: document.root, omitting: [name]) == DAGCBOR.encode(.map(rest)),
                "seed \(seed)")
        }
        for (text, error) in [("[1,{\"a\":1.5}]", CBORError.fractionRefused), ("1e300", .integerUnsafe)] {
            let value = try JSONDocument(parsing: text).root
            #expect(throws: error) { try DAGCBOR.encode(json: value) }
        }
        let deep = String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000)
        let limits = JSONLimits.deep(depth: 5_000, members: 10_000, bytes: 20_000)
        let encoded = try DAGCBOR.encode(json: try JSONDocument(parsing: deep, limits: limits).root)
        #expect(encoded == [UInt8](repeating: 0x81, count: 4_999) + [0x80], "depth costs no call stack")
    }

    @Test("a value is written as the JSON that it came from")
    func backToJSON() throws {
        let text = #"{"a":[1,-2,null,true,"\u0001é"],"bb":{}}"#
        var writer = JSONWriter()
        writer.value(try DAGCBOR.fromJSON(try JSONDocument(parsing: text).root))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
        var other = JSONWriter()
        let cid = CID(codec: .raw, hashing: [])
        other.value(.array([.bytes([1, 2]), .link(cid)]))
        #expect(String(decoding: other.bytes, as: UTF8.self) == #"[{"/":{"bytes":"AQI"}},{"/":"\#(cid)"}]"#)
    }

    @Test("a float where an integer belongs is refused when read")
    func wrongFloat() throws {
        let bytes = try #require(try Fixture.json("dfos/dag-cbor-cid.json")["wrongFloatCid"]).hex("cborHex")
        #expect(throws: CBORError.fractionRefused) { try DAGCBOR.decode(bytes) }
    }

    @Test(
        "integers are written in the fewest bytes (RFC 8949 appendix A)",
        arguments: [
            (0, "00"), (23, "17"), (24, "1818"), (255, "18ff"), (256, "190100"), (65_535, "19ffff"),
            (65_536, "1a00010000"),
            (4_294_967_295, "1affffffff"), (4_294_967_296, "1b0000000100000000"), (Int64.max, "1b7fffffffffffffff"),
            (-1, "20"),
            (-24, "37"), (-25, "3818"), (-256, "38ff"), (-257, "390100"), (Int64.min, "3b7fffffffffffffff"),
        ])
    func integers(_ value: Int64, _ hex: String) throws {
        #expect(Hex.encode(DAGCBOR.encode(.int(value))) == hex)
        #expect(try DAGCBOR.decode(try #require(Hex.decode(hex))) == .int(value))
    }

    @Test(
        "any second way to write a value is refused",
        arguments: [
            ("", CBORError.endUnexpected), ("18", .endUnexpected), ("1b00", .endUnexpected), ("42ff", .endUnexpected),
            ("8101ff", .trailingBytes),
            ("81", .endUnexpected), ("a161", .endUnexpected), ("0000", .trailingBytes), ("1800", .notShortest),
            ("1817", .notShortest),
            ("190017", .notShortest), ("1900ff", .notShortest), ("1a0000ffff", .notShortest),
            ("1b00000000ffffffff", .notShortest),
            ("3800", .notShortest), ("5801aa", .notShortest), ("780161", .notShortest), ("980100", .notShortest),
            ("1c", .lengthInvalid), ("1f", .lengthInvalid), ("5f42aabbff", .lengthInvalid),
            ("7f6161ff", .lengthInvalid),
            ("9fff", .lengthInvalid), ("bfff", .lengthInvalid), ("ff", .lengthInvalid),
            ("1b8000000000000000", .integerOutOfRange),
            ("3b8000000000000000", .integerOutOfRange), ("1bffffffffffffffff", .integerOutOfRange),
            ("f90000", .fractionRefused),
            ("fa47c35000", .fractionRefused), ("fb3ff199999999999a", .fractionRefused), ("f7", .simpleValueInvalid),
            ("e0", .simpleValueInvalid),
            ("f820", .simpleValueInvalid), ("c001", .tagInvalid), ("c11a514b67b0", .tagInvalid),
            ("d82a01", .tagInvalid), ("d82a40", .tagInvalid),
            ("d82a4100", .tagInvalid), ("d9d9f700", .tagInvalid), ("61ff", .utf8Invalid), ("62c080", .utf8Invalid),
            ("63eda080", .utf8Invalid),
            ("a10102", .keyInvalid), ("a1416102", .keyInvalid), ("a2616201616102", .keysUnsorted),
            ("a262616101616202", .keysUnsorted),
            ("a2616101616102", .duplicateKey), ("5b7fffffffffffffff", .endUnexpected),
            ("9b7fffffffffffffff", .endUnexpected),
            ("bb7fffffffffffffff", .endUnexpected), ("9bffffffffffffffff", .endUnexpected),
        ])
    func refused(_ hex: String, _ error: CBORError) throws {
        let bytes = try #require(Hex.decode(hex))
        #expect(throws: error) { try DAGCBOR.decode(bytes) }
    }

    @Test("limits on depth, items and size hold")
    func limits() throws {
        let deep = [UInt8](repeating: 0x81, count: 100_000)
        #expect(throws: CBORError.depthExceeded) { try DAGCBOR.decode(deep) }
        #expect(throws: Never.self) { try DAGCBOR.decode([UInt8](repeating: 0x81, count: 64) + [0]) }
        #expect(throws: CBORError.depthExceeded) { try DAGCBOR.decode([UInt8](repeating: 0x81, count: 65) + [0]) }
        let long = DAGCBOR.encode(.array([CBORValue](repeating: 0, count: 20_001)))
        #expect(throws: CBORError.itemsExceeded) { try DAGCBOR.decode(long) }
        #expect(throws: CBORError.bytesExceeded) { try DAGCBOR.decode([UInt8](repeating: 0, count: (1 << 20) + 1)) }
    }

    @Test("maps sort their keys, shorter first, and take each once")
    func maps() throws {
        let map = try CBORMap([("b", 1), ("aa", 2), ("a", 3), ("", 4)])
        #expect(map.members.map(\.key) == ["", "a", "b", "aa"])
        #expect(map["aa"] == 2 && map["c"] == nil && map.count == 4)
        #expect(throws: CBORError.duplicateKey) { try CBORMap([("a", 1), ("b", 2), ("a", 1)]) }
        let composed = CBORValue.text("\u{e9}")
        let decomposed = CBORValue.text("e\u{301}")
        #expect(composed != decomposed && Set([composed, decomposed]).count == 2)
        #expect(try CBORMap([("\u{e9}", 1), ("e\u{301}", 2)]).count == 2)
    }

    @Test("the writer writes what the tree writes")
    func writer() throws {
        let cid = CID(codec: .raw, hashing: "x".utf8)
        let value: CBORValue = [
            "v": 1, "list": [nil, true, false, "é", -300], "data": .bytes([1, 2, 3]), "link": .link(cid),
        ]
        var writer = DAGCBORWriter()
        writer.map(count: 4)
        writer.text("v")
        writer.int(1)
        writer.text("data")
        writer.bytes([1, 2, 3])
        writer.text("link")
        writer.link(cid)
        writer.text("list")
        writer.array(count: 5)
        writer.null()
        writer.bool(true)
        writer.bool(false)
        writer.text("é")
        writer.int(-300)
        #expect(writer.bytes == DAGCBOR.encode(value))
        #expect(try DAGCBOR.decode(writer.bytes) == value)
        #expect(value["link"] == .link(cid) && value["none"] == nil)
        #expect(Hex.encode(DAGCBOR.encode(.link(cid))) == "d82a582500" + Hex.encode(cid.bytes))
    }

    @Test("damaged dag-cbor never crashes, and what is read encodes to the same bytes")
    func fuzz() throws {
        let seed = SeededGenerator.seed("CBOR fuzz", default: 3)
        var generator = SeededGenerator(seed: seed)
        let cid = CID(codec: .dagCBOR, hashing: "y".utf8)
        let value: CBORValue = [
            "a": [1, -1, 1_000, nil, true, ["b": "text", "cc": .bytes([0, 255])]], "link": .link(cid), "z": 70_000,
        ]
        let original = DAGCBOR.encode(value)
        var readCount = 0
        for round in 0..<40_000 {
            let bytes =
                round % 4 == 0 ? generator.bytes(generator.below(12)) : Mutation.apply(to: original, using: &generator)
            guard let read = try? DAGCBOR.decode(bytes) else { continue }
            readCount += 1
            #expect(DAGCBOR.encode(read) == bytes, "seed \(seed)")
        }
        #expect(readCount > 100, "some of the damaged texts are still valid, seed \(seed)")
    }
}
