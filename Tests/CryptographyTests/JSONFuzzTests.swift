import Cryptography
import Testing
import TestMaterial

@Suite("JSON under damage")
struct JSONFuzzTests {
    static let originals = [
        #"{"from_did":"did:a:x","amount":10000,"m":{"contributors":[{"id":"a","weight":0.60},{"w":4e-1}]},"o":true}"#,
        #"[1,-2.5e10,"a\u00e9\ud83d\ude00\n\\",null,{"":{}},[[]],"日本",false]"#,
        #"{"a":{"a":{"a":[1,2,3]}},"\u0061b":"\"","c":1e-7,"d":123456789012345678901234567890}"#,
    ]

    @Test("damaged texts never crash, and what is read has a canonical form that stays")
    func mutations() throws {
        let seed = SeededGenerator.seed("JSON fuzz", default: 2)
        var generator = SeededGenerator(seed: seed)
        var readCount = 0
        let start = ContinuousClock.now
        for _ in 0..<40_000 {
            let original = Self.originals[generator.below(Self.originals.count)]
            let bytes = Mutation.apply(to: Array(original.utf8), using: &generator)
            guard let document = try? JSONDocument(parsing: bytes) else { continue }
            readCount += 1
            let canonical = document.root.canonicalBytes()
            let again = try JSONDocument(parsing: canonical)
            #expect(again.root.canonicalBytes() == canonical, "seed \(seed)")
            #expect(Self.nodeCount(document.root) == Self.nodeCount(again.root), "seed \(seed)")
            _ = try? DAGCBOR.fromJSON(document.root)
        }
        #expect(readCount > 1_000, "many damaged texts are still valid, seed \(seed)")
        #expect(ContinuousClock.now - start < .seconds(60), "a text costs microseconds, seed \(seed)")
    }

    /// How many values there are, found by walking through members and elements.
    private static func nodeCount(_ value: JSONValue) -> Int {
        switch value.kind {
        case .array: return value.elements.reduce(1) { $0 + nodeCount($1) }
        case .object: return value.members.reduce(1) { $0 + nodeCount($1.value) + ($1.key.isEmpty ? 0 : 1) }
        default: return 1
        }
    }

    @Test("every beginning of a text is refused, and nothing is read past its end")
    func truncation() throws {
        for original in Self.originals {
            let bytes = Array(original.utf8)
            for length in 0..<bytes.count {
                #expect(throws: JSONError.self) { try JSONDocument(parsing: Array(bytes[..<length])) }
            }
        }
    }

    @Test("random bytes are refused or read, in bounded time")
    func noise() {
        let seed = SeededGenerator.seed("JSON noise", default: 4)
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array(#"[]{}",:0123456789.eE+-truefalsn \u"#.utf8)
        for _ in 0..<50_000 {
            let bytes = (0..<generator.below(16)).map { _ in alphabet[generator.below(alphabet.count)] }
            guard let document = try? JSONDocument(parsing: bytes) else { continue }
            #expect(!document.root.canonicalBytes().isEmpty, "seed \(seed)")
        }
    }
}
