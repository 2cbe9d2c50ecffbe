import Foundation
import Testing

struct DemoTests {
    @Test("the demonstration pays five contributors, and leaves a book that adds up")
    func demo() async throws {
        let node = try await TestNode.running()
        let run = try node.run(["demo", "--json"])
        #expect(run.status == 0, "\(run.err)")
        let report = try run.object()
        let settlement = try #require(report["settlement"] as? [String: Any])
        let splits = try #require(settlement["splits"] as? [[String: Any]])
        #expect(splits.reduce(0) { $0 + ($1["amount"] as? Int ?? 0) } == settlement["amount"] as? Int)
        #expect(report["replayed"] as? Bool == true)
        #expect((report["chain"] as? [Any])?.count == 2)
        #expect((report["verify"] as? [String: Any])?["ok"] as? Bool == true)
        let balances = try #require(report["balances"] as? [[String: Any]])
        #expect(balances.reduce(0) { $0 + ($1["available"] as? Int ?? 0) } == report["funded"] as? Int)
    }

    @Test("the demonstration fits a screen of 100 columns and 48 lines")
    func screen() async throws {
        let node = try await TestNode.running()
        let run = try node.run(["demo"])
        let lines = run.out.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 48)
        for line in lines { #expect(line.count <= 100, "\(line)") }
        #expect(run.out.contains("ledger verify: ok"))
        #expect(!run.out.contains("\u{1B}"))
    }

    @Test("without a node the demonstration starts its own, and leaves nothing behind")
    func privateNode() throws {
        let folder = try Folder()
        chmod(folder.path, 0o755)
        let run = try Program.run(
            ["demo", "--json", "--port-offset", "61000"],
            environment: ["TMPDIR": folder.path, "MJN_DATA_DIR": folder("none")])
        #expect(run.status == 0, "\(run.err)")
        #expect(try run.object()["private"] as? Bool == true)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("mjn-demo") } == [])
    }
}
