import Cryptography
import Testing
import TestMaterial

@Suite("JSON writer")
struct JSONWriterTests {
    @Test("members, elements and nesting get their commas")
    func commas() throws {
        var writer = JSONWriter()
        let did = try DID(kind: .soft, id: "x")
        let cid = CID(codec: .raw, hashing: "x".utf8)
        writer.beginObject()
        writer.field("text", "a\"\\\n\u{1}é😀")
        writer.field("none", String?.none)
        writer.field("some", Int64?.some(-5))
        writer.field("least", Int64.min)
        writer.field("most", Int64.max)
        writer.field("zero", 0)
        writer.field("yes", true)
        writer.field("did", did)
        writer.field("cid", cid)
        writer.field("list", ["a", "b"])
        writer.field("raw", raw: "[1,2]".utf8)
        writer.array("array") { inner in
            inner.beginObject()
            inner.endObject()
            inner.beginArray()
            inner.null()
            inner.bool(false)
            inner.endArray()
            inner.int(7)
        }
        writer.object("object") { inner in
            inner.object("empty") { _ in }
            inner.field("after", 1)
        }
        writer.key("last")
        writer.raw("null".utf8)
        writer.endObject()
        let expected =
            #"{"text":"a\"\\\n\u0001é😀","none":null,"some":-5,"least":-9223372036854775808,"#
            + #""most":9223372036854775807,"#
            + #""zero":0,"yes":true,"did":"did:imajin:soft:x","cid":"\#(cid)","list":["a","b"],"raw":[1,2],"#
            + #""array":[{},[null,false],7],"object":{"empty":{},"after":1},"last":null}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
        #expect(throws: Never.self) { try JSONDocument(parsing: writer.bytes) }
    }

    @Test("any string that is written is read back byte for byte")
    func strings() throws {
        let seed = SeededGenerator.seed("writer strings", default: 7)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            let text = String(decoding: generator.bytes(generator.below(40)), as: UTF8.self)
            var writer = JSONWriter()
            writer.string(text)
            let value = try JSONDocument(parsing: writer.bytes).root
            #expect(value.stringBytes == Array(text.utf8), "seed \(seed)")
            #expect(value.canonicalBytes() == writer.bytes, "seed \(seed)")
        }
    }
}
