import Testing

@Suite("Swift source is taken apart into code, literals and words")
struct SwiftTextTests {
    @Test("comments and literals are blanks, code inside an interpolation stays, lines keep their numbers")
    func code() {
        let source = """
            let a = 1 // Date()
            /* Task /* nested */ await */ let b = "print(\\(c + d("x")))"
            let e = #"raw \\(f) "quoted""#
            """
        let text = SwiftText(Array(source.utf8))
        let words = text.words.map { "\($0.line) \($0.text)" }
        #expect(words == ["1 let", "1 a", "1 1", "2 let", "2 b", "2 c", "2 d", "3 let", "3 e"])
        #expect(text.literals.map(\.text).sorted() == ["print(\\())", #"raw \(f) "quoted""#, "x"].sorted())
        #expect(text.literals.filter(\.isInterpolated).map(\.line) == [2])
    }

    @Test("a literal over several lines is one literal, on the line where it opens")
    func longLiteral() {
        let source = "let a = 1\nlet sql = \"\"\"\n    SELECT \"name\"\n    FROM b\n    \"\"\"\nlet c = 2\n"
        let text = SwiftText(Array(source.utf8))
        #expect(text.literals.map(\.line) == [2])
        #expect(text.words.last?.line == 6)
    }

    @Test("imports are found with their access level and kind")
    func imports() {
        let source = """
            public import Foundation
            import struct Kernel.Money
            @preconcurrency import Logging
            // import Glibc
            """
        #expect(SwiftText(Array(source.utf8)).imports.map(\.module) == ["Foundation", "Kernel", "Logging"])
    }

    @Test("a function is counted from its keyword to its closing brace, and a requirement without a body is not")
    func functions() {
        let source = """
            protocol P {
                func requirement(a: Int) throws
                init(b: Int)
            }
            struct S: P {
                func short() { let f = { 1 } }
                init(
                    b: Int = [1, 2].map { $0 }.count
                ) {
                    self.init()
                }
                func generic<T>(_ t: T) -> [T]
                where T: Hashable {
                    [t]
                }
            }
            """
        let functions = SwiftText(Array(source.utf8)).functions
        #expect(functions.map(\.line) == [6, 7, 12])
        #expect(functions.map(\.lineCount) == [1, 5, 4])
    }

    @Test("numbers keep their fraction; tuple members and ranges do not make one")
    func numbers() {
        let words = SwiftText(Array("let a = 0.5 + pair.0.1 + (0...3).count + 1_000.25".utf8)).words.map(\.text)
        #expect(words.filter { $0.contains(".") } == ["0.5", "1_000.25"])
    }
}
