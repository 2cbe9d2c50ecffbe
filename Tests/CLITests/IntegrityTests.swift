import Foundation
import Testing

struct IntegrityTests {
    @Test("a book whose rows were tampered with is found out, and exits 70")
    func tampered() async throws {
        let node = try await TestNode.running()
        try node.fund("did:imajin:soft:\(UUID().uuidString)", 1234)
        let name = "tampered_\(UUID().uuidString.lowercased().replacing("-", with: "_"))"
        let copy = node.databaseURL.replacing("///mjn?", with: "///\(name)?")
        #expect(copy != node.databaseURL)
        let script = #"""
            set -euo pipefail
            psql -qX "$0" -c "CREATE DATABASE $1"
            pg_dump "$0" | psql -qX -v ON_ERROR_STOP=1 "$2" >/dev/null
            """#
        let copying = try Program.run("/bin/bash", ["-c", script, node.databaseURL, name, copy])
        #expect(copying.status == 0, "\(copying.err)")
        let whole = try Program.run(["ledger", "verify"], environment: ["DATABASE_URL": copy])
        #expect(whole.status == 0, "\(whole.out)\(whole.err)")
        let psql = try Program.find("psql")
        let change = "UPDATE pay.postings SET amount = amount + 1 WHERE seq = 1 AND side = 0"
        #expect(try Program.run(psql, ["-qX", copy, "-c", change]).status == 0)
        let run = try Program.run(["ledger", "verify", "--format", "json"], environment: ["DATABASE_URL": copy])
        #expect(run.status == 70, "\(run.out)\(run.err)")
        #expect(try run.object()["ok"] as? Bool == false)
        let findings = try #require(try run.object()["findings"] as? [[String: Any]])
        #expect(!findings.isEmpty)
        for finding in findings { #expect(Set(finding.keys) == ["code", "detail"]) }
    }
}
