import Foundation
import Testing

/// The project as it stands, held to every rule. Pure file reading; one subprocess, for the package's own description.
@Suite("The project keeps its own rules")
struct ProjectTests {
    @Test("every file that git tracks is read")
    func filesAreRead() {
        #expect(Project.files.contains { $0.path == "Package.swift" })
        #expect(Project.swiftFiles(under: ["Sources"]).count > 50)
    }

    @Test("targets depend on each other only along the arrows of the architecture")
    func arrows() throws {
        let targets = try PackageTarget.dump(root: Project.root)
        #expect(targets.contains { $0.name == "Kernel" })
        let findings = Arrows.check(targets)
        #expect(findings.isEmpty, "\(findings.report)")
    }

    @Test("every import is declared by the target that makes it")
    func imports() throws {
        let targets = try PackageTarget.dump(root: Project.root)
        let findings = Arrows.checkImports(of: Project.swiftFiles(under: Project.codeFolders), targets: targets)
        #expect(findings.isEmpty, "\(findings.report)")
    }

    @Test("the pure targets name no clock, randomness, concurrency, logging or I/O")
    func purity() {
        let findings = Purity.check(Project.files)
        #expect(findings.isEmpty, "\(findings.report)")
    }

    @Test("files, functions and lines stay within their sizes")
    func shape() {
        let findings = Shape.check(Project.swiftFiles(under: Project.codeFolders))
        #expect(findings.isEmpty, "\(findings.report)")
    }

    @Test("the project speaks of itself alone")
    func vocabulary() {
        let findings = Vocabulary.check(Project.files)
        #expect(findings.isEmpty, "\(findings.report)")
    }

    @Test("no floating point on a money path")
    func exactness() {
        let findings = Exactness.check(Project.files)
        #expect(findings.isEmpty, "\(findings.report)")
    }

    @Test("no value is written into a statement of SQL")
    func boundParameters() {
        let findings = BoundParameters.check(Project.files)
        #expect(findings.isEmpty, "\(findings.report)")
    }

    @Test("migrations are numbered without gaps, named for what they do, and registered")
    func migrations() {
        #expect(Project.files.contains { $0.path.hasPrefix("ledger-migrations/") && $0.path.hasSuffix(".sql") })
        let findings = MigrationFiles.check(Project.files)
        #expect(findings.isEmpty, "\(findings.report)")
    }

    @Test("an exception to a rule is for a file that exists")
    func exceptionsExist() {
        let paths = Set(Project.files.map(\.path))
        let excepted =
            Array(Purity.exceptions.keys) + Array(Shape.tables.keys) + Array(Exactness.exceptions.keys)
            + Array(BoundParameters.exceptions.keys)
        #expect(excepted.filter { !paths.contains($0) } == [])
    }
}
