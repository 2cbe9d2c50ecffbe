import Testing

@Suite("The checks of the sources find planted faults")
struct RuleTests {
    @Test(
        "a clock, randomness, concurrency, logging or I/O in a pure target is found",
        arguments: [
            "let now = Date()", "func f() async {}", "let n = Int.random(in: 0..<3)", "print(\"a\")",
            "import Foundation", "import Glibc", "let x = getenv(\"A\")", "actor A {}", "let a = b.shuffled()",
            "let t = ContinuousClock.now",
            "randombytes_buf(p, 32)", "Task { }", "try await f()",
        ])
    func impure(line: String) {
        let findings = Purity.check([TextFile("Sources/Kernel/A.swift", "// fine\n" + line + "\n")])
        #expect(findings.first?.line == 2)
        #expect(Purity.check([TextFile("Sources/Settlement/A.swift", line)]) == [])
    }

    @Test("names in comments and literals, and members that only share a name, are no fault")
    func pure() {
        let source = "// Date(), async\nlet a = \"print\"\nlet b = kind == .print\nlet actor: DID\n"
        #expect(Purity.check([TextFile("Sources/Kernel/A.swift", source)]) == [])
    }

    @Test("randomness is allowed in the one file that is named for it, and only that")
    func purityException() {
        let path = "Sources/Cryptography/Bytes/RandomBytes.swift"
        #expect(Purity.check([TextFile(path, "randombytes_buf(p, n)")]) == [])
        #expect(Purity.check([TextFile(path, "let d = Date()")]).count == 1)
    }

    @Test("a file, a function and a line that are one too long are found")
    func sizes() {
        let body = String(repeating: "    let a = 1\n", count: Shape.functionLinesMax - 1)
        let long = "func f() {\n" + body + "}\n"
        let tooLong = Shape.check([TextFile("Sources/A.swift", long)])
        #expect(tooLong.map(\.message) == ["a function of 71 lines, of at most 70"])
        #expect(Shape.check([TextFile("Sources/A.swift", "func f() {\n" + body.dropFirst(14) + "}\n")]) == [])
        let lines = String(repeating: "//\n", count: Shape.fileLinesMax)
        #expect(Shape.check([TextFile("Sources/A.swift", lines)]) == [])
        #expect(Shape.check([TextFile("Sources/A.swift", lines + "//\n")]).count == 1)
        // 119 and 120 characters after the slashes and the blank; ü is one character in two bytes.
        let wide = "// " + String(repeating: "ü", count: 117)
        #expect(Shape.check([TextFile("Sources/A.swift", wide + "\n")]) == [])
        #expect(Shape.check([TextFile("Sources/A.swift", "\n" + wide + "ü\n")]).map(\.line) == [2])
    }

    @Test("a word that speaks of anything but the project is found in any text file", arguments: Vocabulary.forbidden)
    func vocabulary(word: String) {
        let findings = Vocabulary.check([TextFile("docs/a.md", "one\ntwo \(word.uppercased())\n")])
        #expect(findings.map(\.line) == [2])
        #expect(Vocabulary.check([TextFile(path: "a.png", bytes: [0] + Array(word.utf8))]) == [])
        #expect(Vocabulary.check([TextFile("a.md", "the library, the work and the shared issue")]) == [])
    }

    @Test(
        "floating point on a money path is found, elsewhere it is not",
        arguments: ["let a: Double = b", "let a = 0.5"])
    func floats(line: String) {
        #expect(Exactness.check([TextFile("Sources/Pay/A.swift", "\n" + line)]).map(\.line) == [2])
        #expect(Exactness.check([TextFile("Sources/HTTPClient/A.swift", line)]) == [])
        let exact = "// 0.5 Double\nlet a = \"1.5\", b = pair.0\nlet c = $0.1 + timeoutSeconds * 0.5"
        #expect(Exactness.check([TextFile("Sources/Pay/A.swift", exact)]) == [])
    }

    @Test(
        "a value written into SQL is found",
        arguments: [
            "q(\"SELECT a FROM b WHERE c = \\(d)\")", "q(\"insert into a values (\\(b))\")",
            "q(\"\"\"\n    UPDATE a\n    SET b = \\(c)\n    \"\"\")", "q(\"DELETE FROM a WHERE b = '\\(c)'\")",
            "q(\"CREATE SCHEMA \\(name)\")",
        ])
    func interpolatedSQL(source: String) {
        #expect(BoundParameters.check([TextFile("Sources/LedgerStore/A.swift", source)]).map(\.line) == [1])
    }

    @Test("bound SQL, and prose with a value in it, are no fault")
    func boundSQL() {
        let source = """
            q("SELECT a FROM b WHERE c = $1", [.text("\\(d)")])
            fail("could not select a rail for \\(did) from the settings")
            fail("update \\(path): not found")
            """
        #expect(BoundParameters.check([TextFile("Sources/Pay/A.swift", source)]) == [])
    }

    @Test("a gap, a bad name, a missing head and a migration that nobody registered are found")
    func migrations() {
        let list = TextFile("ledger-migrations/L.swift", "let all = [\"001-create-books\", \"003-add-x\"]")
        let first = TextFile("ledger-migrations/001-create-books.sql", "-- Books.\nCREATE TABLE a ();\n")
        let third = TextFile("ledger-migrations/003-add-x.sql", "-- X.\n")
        #expect(MigrationFiles.check([list, first]) == [])
        #expect(MigrationFiles.check([list, first, third]).map(\.path) == ["ledger-migrations"])
        let bare = TextFile("ledger-migrations/002-Books.sql", "CREATE TABLE b ();\n")
        #expect(MigrationFiles.check([list, first, bare]).count == 3)
        let embedded = TextFile("ledger-migrations/L.swift", "let all = [PackageResources._001_create_books_sql]")
        #expect(MigrationFiles.check([embedded, first]) == [])
    }
}
