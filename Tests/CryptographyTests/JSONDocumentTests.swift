import Cryptography
import Testing

@Suite("JSON documents")
struct JSONDocumentTests {
    static func reason(_ text: String, limits: JSONLimits = .request) -> JSONError.Reason? {
        reason(Array(text.utf8), limits: limits)
    }

    static func reason(_ bytes: [UInt8], limits: JSONLimits = .request) -> JSONError.Reason? {
        do throws(JSONError) {
            _ = try JSONDocument(parsing: bytes, limits: limits)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("values are read with their kind, text and place")
    func values() throws {
        let text = #" { "a" : [ 1 , -2.50e+1, "x\n\u00e9\ud83d\ude00/" , true,false, null ] , "b":{} ,"":[]} "#
        let root = try JSONDocument(parsing: text).root
        #expect(root.kind == .object && root.count == 3)
        #expect(root.members.map(\.key) == ["a", "b", ""])
        let array = try #require(root["a"])
        let elements = Array(array.elements)
        #expect(array.count == 6 && elements.count == 6)
        #expect(elements.map(\.kind) == [.number, .number, .string, .bool, .bool, .null])
        #expect(elements[0].int64 == 1 && elements[0].numberText == "1")
        #expect(elements[1].int64 == -25 && elements[1].numberText == "-2.50e+1")
        #expect(elements[2].string == "x\n\u{e9}\u{1f600}/")
        #expect(elements[2].stringEquals("x\n\u{e9}\u{1f600}/") && !elements[2].stringEquals("x"))
        #expect(elements[2].stringBytes == Array("x\n\u{e9}\u{1f600}/".utf8))
        #expect(elements[3].bool == true && elements[4].bool == false && elements[5].isNull)
        #expect(root["b"]?.count == 0 && root[""]?.kind == .array && root["c"] == nil)
        #expect(array["a"] == nil && elements[0].string == nil && elements[2].int64 == nil && elements[5].bool == nil)
        #expect(Array(elements[0].members).isEmpty && Array(root.elements).isEmpty && elements[2].count == 0)
        #expect(String(decoding: elements[2].rawBytes, as: UTF8.self) == #""x\n\u00e9\ud83d\ude00/""#)
        #expect(String(decoding: array.rawBytes, as: UTF8.self).hasPrefix("[ 1 ,"))
        #expect(root.rawRange == 1..<text.utf8.count - 1)
    }

    @Test("members are found among many, also by names with escapes, near misses not")
    func lookup() throws {
        var text = "{"
        for index in 0..<200 { text += #""member\#(index)":\#(index),"# }
        text += #""esc\u0061ped":-1,"é":-2,"member":-3}"#
        let root = try JSONDocument(parsing: text).root
        for index in 0..<200 { #expect(root["member\(index)"]?.int64 == Int64(index)) }
        #expect(root["escaped"]?.int64 == -1)
        #expect(root["\u{e9}"]?.int64 == -2)
        #expect(root["e\u{301}"] == nil, "composed and decomposed are different names")
        #expect(root["member200"] == nil && root["membe"] == nil && root[#"esc\u0061ped"#] == nil)
        #expect(root["member"]?.int64 == -3)
    }

    @Test("composed and decomposed characters are different strings")
    func normalisation() throws {
        let root = try JSONDocument(parsing: "{\"caf\u{e9}\":1,\"cafe\u{301}\":2}").root
        #expect(root.count == 2)
        #expect(root["caf\u{e9}"]?.int64 == 1 && root["cafe\u{301}"]?.int64 == 2)
        let string = try JSONDocument(parsing: "\"\u{e9}\"").root
        #expect(string.stringEquals("\u{e9}") && !string.stringEquals("e\u{301}"))
    }

    @Test(
        "what RFC 8259 does not allow is refused for the right reason",
        arguments: [
            ("", JSONError.Reason.endUnexpected), (" \n", .endUnexpected), ("[1,2", .endUnexpected),
            ("{\"a\":", .endUnexpected),
            ("\"abc", .endUnexpected), ("tru", .endUnexpected), ("[", .endUnexpected), ("{", .endUnexpected),
            ("\"\\", .endUnexpected),
            ("\"\\u00", .endUnexpected), ("[1,]", .characterUnexpected), ("{\"a\":1,}", .characterUnexpected),
            ("[,1]", .characterUnexpected), ("{,}", .characterUnexpected), ("{1:2}", .characterUnexpected),
            ("{\"a\" 1}", .characterUnexpected), ("{\"a\":1 \"b\":2}", .characterUnexpected),
            ("[1 2]", .characterUnexpected),
            ("[1}", .characterUnexpected), ("{\"a\":1]", .characterUnexpected), ("'a'", .characterUnexpected),
            ("NaN", .characterUnexpected), ("nulL", .characterUnexpected), ("True", .characterUnexpected),
            ("+1", .characterUnexpected),
            (".5", .characterUnexpected), ("\u{feff}1", .characterUnexpected), ("/**/1", .characterUnexpected),
            ("\u{a0}1", .characterUnexpected), ("\u{0}", .characterUnexpected), ("1 2", .trailingCharacters),
            ("{} x", .trailingCharacters),
            ("1,", .trailingCharacters), ("[]]", .trailingCharacters), ("1\u{0}", .trailingCharacters),
            ("0x1", .trailingCharacters),
            ("01", .numberInvalid), ("-", .numberInvalid), ("-01", .numberInvalid), ("1.", .numberInvalid),
            ("1.e5", .numberInvalid),
            ("1e", .numberInvalid), ("1e+", .numberInvalid), ("-a", .numberInvalid), ("1e400", .numberOutOfRange),
            ("-1e309", .numberOutOfRange), ("1.7976931348623159e308", .numberOutOfRange),
            ("\"\u{1}\"", .controlCharacter),
            ("\"\n\"", .controlCharacter), ("\"\\x\"", .escapeInvalid), ("\"\\u12g4\"", .escapeInvalid),
            ("\"\\U0041\"", .escapeInvalid),
            ("\"\\ud800\"", .surrogateUnpaired), ("\"\\udc00\"", .surrogateUnpaired),
            ("\"\\ud800\\ud800\"", .surrogateUnpaired),
            ("\"\\ud800\\n\"", .surrogateUnpaired), ("\"\\ud800x\\udc00\"", .surrogateUnpaired),
            ("\"\\udc00\\ud800\"", .surrogateUnpaired),
        ])
    func refused(_ text: String, _ expected: JSONError.Reason) {
        #expect(Self.reason(text) == expected, "\(text)")
    }

    @Test("bytes that are not UTF-8 are refused inside strings and outside")
    func utf8() {
        let bad: [[UInt8]] = [
            [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xc3, 0x28], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf],
            [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf],
            [0xf0, 0x9f, 0x98], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xfe], [0xff],
        ]
        for sequence in bad {
            for padding in 0..<10 {
                let before = [UInt8](repeating: 0x61, count: padding)
                let text = [0x22] + before + sequence
                #expect(Self.reason(text + [0x22]) == .utf8Invalid)
                #expect(Self.reason(text + before + [0x22]) == .utf8Invalid)
                #expect(Self.reason(text) == .utf8Invalid)
            }
            #expect(Self.reason(sequence) == .characterUnexpected)
        }
        for scalar in [
            "\u{80}", "\u{7ff}", "\u{800}", "\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10000}", "\u{10ffff}", "\u{7f}",
        ] {
            #expect(Self.reason("\"\(scalar)\"") == nil)
        }
    }

    @Test("a special character is seen at every place of a word of eight")
    func wordBoundaries() throws {
        for length in 0..<40 {
            let plain = String(repeating: "x", count: length)
            for rest in 0..<10 {
                let tail = String(repeating: "y", count: rest)
                #expect(Self.reason("\"\(plain)\u{1f}\(tail)\"") == .controlCharacter)
                #expect(try JSONDocument(parsing: "\"\(plain)\\\"\(tail)\"").root.string == plain + "\"" + tail)
                #expect(try JSONDocument(parsing: "\"\(plain)é\(tail)\"").root.string == plain + "é" + tail)
                #expect(Self.reason("\"\(plain)\"\(tail)") == (rest == 0 ? nil : .trailingCharacters))
            }
        }
    }

    @Test(
        "integers are read by their exact value",
        arguments: [
            ("0", 0), ("-0", 0), ("0.0", 0), ("0e999999999999", 0), ("100", 100), ("1e2", 100), ("100.0", 100),
            ("1000e-1", 100),
            ("1.5e1", 15), ("-12.00E+1", -120), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
            ("9223372036854775807.000", Int64.max), ("922337203685477580.7e1", Int64.max),
            ("9000000000000000", 9_000_000_000_000_000),
            ("0.00000000000000000000000001e26", 1), ("9223372036854775808", nil), ("-9223372036854775809", nil),
            ("0.5", nil),
            ("1e-1", nil), ("1e19", nil), ("1e300", nil), ("1e-400", nil), ("100.00000000000000000000000000001", nil),
            ("99999999999999999999999999", nil), ("9223372036854775807.0000000000000000001", nil), ("12345e-3", nil),
        ] as [(String, Int64?)])
    func integers(_ text: String, _ value: Int64?) throws {
        #expect(try JSONDocument(parsing: text).root.int64 == value)
    }
}
