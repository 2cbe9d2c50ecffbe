import Foundation
import Testing

struct DoctorTests {
    private func checks(_ run: Program.Run) throws -> [String: (state: String, detail: String)] {
        let rows = try #require(try run.object()["checks"] as? [[String: Any]])
        let pairs = rows.map { row in
            (row["name"] as? String ?? "", (row["state"] as? String ?? "", row["detail"] as? String ?? ""))
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    @Test("a running node is well")
    func well() async throws {
        let node = try await TestNode.running()
        let port = try #require(URL(string: node.payURL)?.port)
        let run = try node.run(["doctor", "--format", "json", "--port-offset", "\(port - 3004)"])
        let checks = try checks(run)
        #expect(checks["database"]?.state == "ok", "\(checks)")
        #expect(checks["migrations"]?.state == "ok")
        #expect(checks["durability"]?.state == "ok")
        #expect(checks["checksums"]?.state == "ok")
        #expect(checks["key node"]?.state == "ok")
        let size = try FileManager.default.attributesOfFileSystem(forPath: node.dataDirectory)
        let free = try #require((size[.systemFreeSize] as? NSNumber)?.int64Value) >> 30
        let said = Int64(checks["disk"]?.detail.prefix { $0.isNumber } ?? "") ?? -1
        #expect(abs(free - said) <= free / 2, "\(free) GiB free, the doctor says \(said)")
        #expect(checks["port \(port)"]?.detail.contains("serves") == true)
        #expect(run.status == (checks.values.contains { $0.state == "fail" } ? 1 : 0))
    }

    @Test("what is wrong is named with what to do, and exits 1")
    func unwell() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder("keys"), withIntermediateDirectories: false)
        let key = try folder.write("keys/node.jwk", "{}")
        chmod(key, 0o644)
        let run = try Program.run(
            ["doctor", "--format", "json"],
            environment: [
                "MJN_DATA_DIR": folder.path, "MJN_NODE_FEE_BPS": "7", "MJN_NODE_FEE_BSP": "50",
                "DATABASE_URL": "postgresql://127.0.0.1:1/none",
            ])
        #expect(run.status == 1)
        let checks = try checks(run)
        #expect(checks["key node"]?.state == "fail")
        #expect(checks["settings"]?.detail.contains("MJN_NODE_FEE_BPS") == true)
        #expect(checks["database"]?.state == "fail")
        #expect(run.out.contains("MJN_NODE_FEE_BSP"))
        #expect(run.out.contains("chmod 600"))
    }

    @Test("settings are listed with their source, secrets masked")
    func settings() throws {
        let secret = "postgresql://someone:hunter2@127.0.0.1/none"
        let run = try Program.run(
            ["doctor", "--config", "--format", "json"],
            environment: ["DATABASE_URL": secret, "MJN_HOST": "127.0.0.2"])
        #expect(run.status == 0)
        #expect(!run.out.contains("hunter2"))
        let rows = try run.rows()
        let host = rows.first { $0["name"] as? String == "MJN_HOST" }
        #expect(host?["value"] as? String == "127.0.0.2")
        #expect(host?["source"] as? String == "environment")
        #expect(rows.first { $0["name"] as? String == "MJN_LEASE_MS" }?["source"] as? String == "default")
    }
}
