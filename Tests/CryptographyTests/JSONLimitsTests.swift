import Cryptography
import Testing
import TestMaterial

@Suite("JSON limits")
struct JSONLimitsTests {
    private func reason(_ text: String, limits: JSONLimits = .request) -> JSONError.Reason? {
        JSONDocumentTests.reason(text, limits: limits)
    }

    @Test("64 levels pass, 65 do not")
    func depth() {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(reason(nested(64)) == nil)
        #expect(reason(nested(65)) == .depthExceeded)
        #expect(reason(String(repeating: #"{"a":"#, count: 65)) == .depthExceeded)
        #expect(reason("[]", limits: JSONLimits(depth: 0)) == .depthExceeded)
        #expect(reason("1", limits: JSONLimits(depth: 0)) == nil)
        #expect(JSONLimits(depth: 1_000_000).depth == JSONLimits.depthCeiling)
        #expect(JSONLimits(depth: -1, members: -1, bytes: -1) == JSONLimits(depth: 0, members: 0, bytes: 0))
    }

    @Test("a hundred thousand levels are refused at once", arguments: ["[", #"{"a":"#, #"[{"a":"#])
    func deepNesting(_ level: String) {
        let text = String(repeating: level, count: 100_000)
        let clock = ContinuousClock()
        let elapsed = clock.measure { #expect(reason(text) == .depthExceeded) }
        #expect(elapsed < .seconds(1))
    }

    @Test("twenty thousand members pass, one more does not, in whatever containers they are")
    func members() {
        let array = { (count: Int) in "[" + Array(repeating: "0", count: count).joined(separator: ",") + "]" }
        #expect(reason(array(20_000)) == nil)
        #expect(reason(array(20_001)) == .membersExceeded)
        #expect(reason("[" + array(19_999) + "]") == nil)
        #expect(reason("[" + array(20_000) + "]") == .membersExceeded)
        let object = { (count: Int) in "{" + (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",") + "}" }
        #expect(reason(object(20_000)) == nil)
        #expect(reason(object(20_001)) == .membersExceeded)
        #expect(reason(array(200_000), limits: .batch) == nil)
        #expect(reason(array(200_001), limits: .batch) == .membersExceeded)
    }

    @Test("a text over the size limit is refused before it is read")
    func bytes() {
        let spaces = String(repeating: " ", count: 1 << 20)
        #expect(reason(spaces) == .endUnexpected)
        #expect(reason(spaces + "1") == .bytesExceeded)
        #expect(reason(spaces + "1", limits: .batch) == nil)
        #expect(reason("1", limits: JSONLimits(bytes: 0)) == .bytesExceeded)
    }

    @Test("a number may be as long as any double needs, not longer")
    func numberLength() {
        #expect(reason("0." + String(repeating: "0", count: 1_098)) == nil)
        #expect(reason("0." + String(repeating: "0", count: 1_099)) == .numberInvalid)
        #expect(reason(String(repeating: "1", count: 1_000_000)) == .numberInvalid)
        #expect(reason("1e" + String(repeating: "0", count: 1_000) + "1") == nil)
    }

    @Test(
        "a name that comes twice is refused, however it is written",
        arguments: [
            #"{"a":1,"a":2}"#, #"{"a":1,"b":2,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"{"\u0061":1,"a":2}"#,
            #"{"\u0061":1,"\u0061":2}"#,
            #"{"":1,"":2}"#, #"[{"x":{"a":1,"a":1}}]"#, #"{"\/":1,"/":2}"#, #"{"é":1,"\u00e9":2}"#,
            #"{"😀":1,"\ud83d\ude00":2}"#,
            #"{"a":{"a":{}},"a":[]}"#, #"{"\n":1,"\u000a":2}"#, #"{"a":1,"b":1,"c":{"q":1,"w":2},"b":2}"#,
        ])
    func duplicates(_ text: String) {
        #expect(reason(text) == .duplicateKey)
    }

    @Test("the same name in different objects is fine")
    func sameNameElsewhere() {
        #expect(reason(#"{"a":{"a":{"a":1},"b":{"a":2}},"b":[{"a":1},{"a":1}]}"#) == nil)
        #expect(reason(#"{"a":1,"A":2,"a ":3,"á":4,"\u0061a":5}"#) == nil)
    }

    @Test("one duplicate is found in objects of every size", arguments: [2, 15, 16, 17, 18, 19, 33, 500, 20_000])
    func duplicatesAtEverySize(_ count: Int) {
        let seed = SeededGenerator.seed("duplicates", default: UInt64(count))
        var generator = SeededGenerator(seed: seed)
        var names = (0..<count).map { "name\($0)" }
        #expect(reason("{" + names.map { "\"\($0)\":0" }.joined(separator: ",") + "}") == nil)
        let first = generator.below(count)
        let second = (first + 1 + generator.below(count - 1)) % count
        names[first] = names[second]
        #expect(reason("{" + names.map { "\"\($0)\":0" }.joined(separator: ",") + "}") == .duplicateKey, "seed \(seed)")
        names[first] = "\\u006e" + names[second].dropFirst()
        #expect(reason("{" + names.map { "\"\($0)\":0" }.joined(separator: ",") + "}") == .duplicateKey, "seed \(seed)")
    }

    @Test("names made to look alike cost no more than others")
    func hostileNames() {
        let prefix = String(repeating: "x", count: 20)
        let names = (0..<20_000).map { index in "\"\(prefix)\(String(index + 100_000))x\":0" }
        let text = "{" + names.joined(separator: ",") + "}"
        let elapsed = ContinuousClock().measure { #expect(reason(text) == nil) }
        #expect(elapsed < .seconds(2))
    }
}
