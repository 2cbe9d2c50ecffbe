import Foundation
import Testing

@Suite("The check of arrows finds planted faults")
struct ArrowsTests {
    private func target(_ name: String, _ dependencies: [String], type: String = "regular") -> PackageTarget {
        PackageTarget(name: name, type: type, path: "Sources/\(name)", dependencies: dependencies)
    }

    @Test(
        "an arrow against the direction is found",
        arguments: [("Kernel", "Settlement"), ("Pay", "Auth"), ("Stripe", "Pay"), ("Cryptography", "Kernel")])
    func wrongArrow(from: String, to: String) {
        let findings = Arrows.check([target(from, [to])])
        #expect(findings.count == 1)
        #expect(findings.first?.message.hasPrefix("\(from) may not depend on \(to)") == true)
    }

    @Test("a target that the table does not know is found")
    func unknownTarget() {
        #expect(Arrows.check([target("Surprise", [])]).count == 1)
    }

    @Test("arrows of the architecture, executables and tests pass")
    func rightArrows() {
        let targets = [
            target("Settlement", ["Kernel", "Cryptography"]), target("mjn", ["Pay", "Stripe"], type: "executable"),
            target("KernelTests", ["Kernel"], type: "test"),
        ]
        #expect(Arrows.check(targets) == [])
    }

    @Test("the table of arrows has no cycle")
    func acyclic() {
        func reaches(_ from: String, _ goal: String, _ depth: Int = 0) -> Bool {
            depth < 20 && (Arrows.allowed[from] ?? []).contains { $0 == goal || reaches($0, goal, depth + 1) }
        }
        #expect(Arrows.allowed.keys.filter { reaches($0, $0) } == [])
    }

    @Test("an import that the target does not declare is found, with its line")
    func undeclaredImport() {
        let files = [
            TextFile("Sources/Kernel/Money.swift", "import Cryptography\n\nimport Logging\nimport Foundation\n")
        ]
        let findings = Arrows.checkImports(of: files, targets: [target("Kernel", ["Cryptography"])])
        #expect(findings.map(\.line) == [3])
        #expect(findings.first?.message.contains("Logging") == true)
    }

    @Test("a package's description is read: names, folders and the three ways to write a dependency")
    func dump() throws {
        let json = """
            {"targets": [{"name": "A", "type": "regular", "path": "adapters/A", "dependencies": [
              {"byName": ["B", null]}, {"product": ["Logging", "swift-log", null, null]}, {"target": ["C", null]}]},
              {"name": "ATests", "type": "test", "dependencies": []}]}
            """
        let targets = try PackageTarget.parse(Data(json.utf8))
        let dependencies = ["B", "Logging", "C"]
        #expect(
            targets[0] == PackageTarget(name: "A", type: "regular", path: "adapters/A", dependencies: dependencies))
        #expect(targets[1].path == "Tests/ATests")
        #expect(PackageTarget.owner(of: "adapters/A/x/Y.swift", in: targets)?.name == "A")
    }
}
