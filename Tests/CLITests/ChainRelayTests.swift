import Foundation
import Testing

struct ChainRelayTests {
    @Test("a chain is published in order, again without harm, and comes back from the relay as it was")
    func publishAndShow() throws {
        let relay = try RelayDouble(page: 2)
        let identity = try Identity(keys: ["a", "b"])
        try identity.change("rotate", ["--new", "a"])
        try identity.change("rotate", ["--new", "b"], signedBy: "a")
        let did = try identity.did()
        #expect(try Program.run(["chain", "show", did, "--relay", relay.url]).status == 1)
        let first = try Program.run(["chain", "publish", identity.chain, "--relay", relay.url])
        #expect(first.status == 0, "\(first.err)")
        #expect(try first.rows().map { $0["status"] as? String } == ["new", "new", "new"])
        #expect(try first.rows().map { $0["type"] as? String } == ["create", "update", "update"])
        let again = try Program.run(
            ["chain", "publish", "-", "--format", "csv"], input: try identity.text(),
            environment: ["MJN_RELAY_URL": relay.url + "/"])
        #expect(again.status == 0, "\(again.err)")
        #expect(again.out.split(separator: "\n").dropFirst().allSatisfy { $0.contains(",duplicate,") })
        let back = identity.work.folder("back.json")
        let shown = try Program.run(["chain", "show", did, "--relay", relay.url, "--out", back])
        #expect(shown.status == 0, "\(shown.err)")
        #expect(try String(contentsOfFile: back, encoding: .utf8) == identity.text())
        #expect(try shown.object()["did"] as? String == did)
    }

    @Test("a chain of more than a hundred operations goes in batches of a hundred")
    func batches() throws {
        let relay = try RelayDouble()
        let identity = try Identity()
        let orders = try Self.updates(of: identity, count: 120)
        let tokens = try identity.tokens() + (try Python.tokens(orders))
        let data = try JSONSerialization.data(withJSONObject: tokens)
        let file = try identity.work.folder.write("long.json", String(decoding: data, as: UTF8.self))
        let run = try Program.run(["chain", "publish", file, "--relay", relay.url])
        #expect(run.status == 0, "\(run.err)")
        #expect(try run.rows().count == 121)
        let batches = try Program.run(Program.find("curl"), ["-sS", "--noproxy", "*", relay.origin + "/batches"])
        #expect(batches.out == "[100, 21]")
        let did = try identity.did()
        let shown = try Program.run(["chain", "show", did, "--relay", relay.url]).object()
        #expect((shown["operations"] as? [Any])?.count == 121)
    }

    /// Updates that change nothing, made by other means.
    private static func updates(of identity: Identity, count: Int) throws -> [[String: Any]] {
        let shown = try identity.shown()
        let id = try identity.keyID("me")
        let multibase = try #require((shown["key_history"] as? [[String: Any]])?.first?["multibase"] as? String)
        let key = ["id": id, "type": "Multikey", "publicKeyMultibase": multibase]
        return (0..<count).map { index in
            [
                "kind": "identity-op", "key": identity.work.key("me"), "kid": "\(shown["did"] ?? "")#\(id)",
                "follows": index == 0 ? shown["head_cid"] ?? "" : "",
                "payload": [
                    "version": 1, "type": "update", "authKeys": [key], "assertKeys": [key], "controllerKeys": [key],
                    "createdAt": String(format: "2099-01-01T00:00:00.%03dZ", index),
                ] as [String: Any],
            ]
        }
    }

    @Test("an operation that the relay refuses exits 1, and what was not sent is told apart")
    func conflict() throws {
        let relay = try RelayDouble()
        let identity = try Identity(keys: ["thief", "mine"])
        let publish = ["chain", "publish", identity.chain, "--relay", relay.url]
        #expect(try Program.run(publish).status == 0)
        // Somebody else with the key is first.
        let before = try identity.text()
        try identity.change("rotate", ["--new", "thief"])
        #expect(try Program.run(publish).status == 0)
        _ = try identity.work.folder.write("me.chain.json", before)
        try identity.change("rotate", ["--new", "mine"])
        let run = try Program.run(publish)
        #expect(run.status == 1)
        #expect(try run.rows().map { $0["status"] as? String } == ["duplicate", "rejected"])
        #expect(run.err.contains("conflicting extension refused"), "\(run.err)")
    }

    @Test("what is no relay, answers nonsense or takes nothing has an exit code of its own, and no control characters")
    func strangers() throws {
        let relay = try RelayDouble()
        let identity = try Identity()
        let did = try identity.did()
        func status(_ command: [String], _ place: String) throws -> (Int32, String) {
            let run = try Program.run(["chain"] + command + ["--relay", place])
            return (run.status, run.err)
        }
        let publish = ["publish", identity.chain]
        #expect(try status(publish, "http://127.0.0.1:1/relay").0 == 69)
        #expect(try status(publish, relay.origin).0 == 69)
        #expect(try status(publish, relay.origin + "/strange").0 == 69)
        #expect(try status(["show", did], relay.origin + "/strange").0 == 69)
        #expect(try status(publish, "off").0 == 64)
        #expect(try status(publish, "ftp://127.0.0.1/").0 == 64)
        let closed = try status(publish, relay.origin + "/closed")
        #expect(closed.0 == 77)
        #expect(closed.1.contains("writing is off") && !closed.1.contains("\u{1B}"))
    }

    @Test("a relay that answers with another identity's chain is not believed")
    func liar() throws {
        let relay = try RelayDouble()
        let (published, other) = (try Identity(), try Identity())
        #expect(try Program.run(["chain", "publish", published.chain, "--relay", relay.url]).status == 0)
        let out = other.work.folder("out.json")
        let run = try Program.run(["chain", "show", try other.did(), "--relay", relay.origin + "/liar", "--out", out])
        #expect(run.status == 1)
        #expect(run.err.contains("proof_identity_mismatch"), "\(run.err)")
        #expect(run.out.isEmpty && !FileManager.default.fileExists(atPath: out))
    }

    @Test("an anchor is an artifact with the manifest's CID, and brings the chain along where the relay lacks it")
    func anchor() throws {
        let relay = try RelayDouble()
        let identity = try Identity(keys: ["next"])
        let manifest = try identity.work.manifest([("me", "artist", "1")])
        let signed = try identity.work.sign(manifest, by: "me")
        let out = identity.work.folder("anchor.jws")
        let arguments = ["--chain", identity.chain, "--relay", relay.url]
        let run = try Program.run(
            ["chain", "anchor", signed, "--key", identity.work.key("me"), "--out", out] + arguments)
        #expect(run.status == 0, "\(run.err)")
        let cid = try Program.run(["fair", "cid", signed]).out.trimmingCharacters(in: .newlines)
        #expect(try run.object()["manifest"] as? String == cid)
        let judged = try Python.judge(identity.chain, [out])
        let statement = try #require((judged["statements"] as? [[String: Any]])?.first)
        #expect(statement["typ"] as? String == "did:dfos:artifact")
        #expect(statement["cid"] as? String == (try run.object()["anchor"] as? String))
        let content = (statement["payload"] as? [String: Any])?["content"] as? [String: String]
        #expect(content == ["$schema": "https://imajin.ai/schemas/manifest-anchor/v1", "manifest": cid])
        // A retired key anchors nothing any more.
        try identity.change("rotate", ["--new", "next"])
        let late = identity.work.folder("late.jws")
        let refused = try Program.run(
            ["chain", "anchor", signed, "--key", identity.work.key("me"), "--out", late] + arguments)
        #expect(refused.status == 65, "\(refused.err)")
        #expect(!FileManager.default.fileExists(atPath: late))
        let unreachable = try Program.run(
            ["chain", "anchor", signed, "--key", identity.work.key("next"), "--chain", identity.chain, "--out", late]
                + ["--relay", "http://127.0.0.1:1"])
        #expect(unreachable.status == 69)
        #expect(!FileManager.default.fileExists(atPath: late))
    }
}
