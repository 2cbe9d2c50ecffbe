import Foundation
import Testing

struct ChainRotateTests {
    @Test("a rotation puts the new key in every role of the old one; the names stay, and the old key can do nothing")
    func rotate() throws {
        let identity = try Identity(keys: ["spare"], ["--controller-key", "spare"])
        let did = try identity.did()
        let new = identity.work.folder("new.jwk")
        try identity.change("rotate", ["--new", new, "--make"])
        let newDID = try Program.run(["did", "show", new]).out.trimmingCharacters(in: .newlines)
        let judged = try Python.judge(identity.chain)
        #expect(judged["did"] as? String == did)
        #expect(judged["binds"] as? String == (try identity.work.did("me")))
        #expect(judged["authKeys"] as? [String] == [newDID])
        #expect(judged["assertKeys"] as? [String] == [newDID])
        #expect(judged["controllerKeys"] as? [String] == [newDID, try identity.work.did("spare")])
        let mode = try FileManager.default.attributesOfItem(atPath: new)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let refused = try identity.run("delete", [])
        #expect(refused.status == 65)
        #expect(refused.err.contains("it was retired at"), "\(refused.err)")
    }

    @Test("a lost key is replaced by its name alone, under another controller's signature")
    func lostKey() throws {
        let identity = try Identity(keys: ["spare"], ["--controller-key", "spare"])
        let lost = try identity.work.did("me")
        try FileManager.default.removeItem(atPath: identity.work.key("me"))
        let run = try Program.run([
            "chain", "rotate", identity.chain, "--key", lost, "--signer", identity.work.key("spare"), "--new",
            identity.work.folder("new.jwk"), "--make",
        ])
        #expect(run.status == 0, "\(run.err)")
        let shown = try identity.shown()
        let history = try #require(shown["key_history"] as? [[String: Any]])
        let record = history.first { $0["did"] as? String == lost }
        #expect(record?["retired_at"] as? String == shown["updated_at"] as? String)
        #expect(shown["binds"] as? String == lost)
        _ = try Python.judge(identity.chain)
    }

    @Test("a key that is in a role already is not listed there twice, and a key that comes back keeps its name")
    func existingKey() throws {
        let identity = try Identity(keys: ["spare"], ["--controller-key", "spare"])
        let did = identity.work.did
        let name = try identity.keyID("me")
        try identity.change("rotate", ["--new", "spare"])
        var judged = try Python.judge(identity.chain)
        #expect(judged["controllerKeys"] as? [String] == [try did("spare")])
        #expect(judged["authKeys"] as? [String] == [try did("spare")])
        try identity.change("rotate", ["--new", "me"], signedBy: "spare")
        judged = try Python.judge(identity.chain)
        #expect(judged["controllerKeys"] as? [String] == [try did("me")])
        #expect(try identity.keyID("me") == name)
    }

    @Test("many rotations, one after the other and faster than the clock ticks, keep growing in time")
    func manyRotations() throws {
        let identity = try Identity(keys: ["a", "b"])
        var keys = ["me", "a", "b"]
        for _ in 0..<8 {
            try identity.change("rotate", ["--new", keys[1]], signedBy: keys[0])
            keys.append(keys.removeFirst())
        }
        #expect(try Python.judge(identity.chain)["count"] as? Int == 9)
    }

    @Test(
        "a rotation that cannot be changes neither chain nor keys",
        arguments: [
            (["--key", "me", "--new", "absent"], 65, "add --make"),
            (["--key", "me", "--new", "other", "--make"], 1, "no key is written over"),
            (["--key", "me", "--new", "me"], 65, "the new key is the old one"),
            (["--key", "other", "--new", "absent", "--make"], 65, "is no key of"),
            (["--key", "auth", "--new", "absent", "--make"], 65, "has the roles auth only"),
            (["--key", "other", "--signer", "me", "--new", "absent", "--make"], 65, "is no key of"),
            (["--key", "me", "--signer", "auth", "--new", "absent", "--make"], 65, "has the roles auth only"),
            (["--key", "me", "--new", "no/such/folder", "--make"], 1, "cannot write"),
            (["--key", "me", "--new", "open"], 77, "chmod 600"),
            (["--key", "pub", "--new", "absent", "--make"], 65, "is not a private key"),
            (["--key", "me", "--new", "pub"], 65, "is not a private key"),
        ] as [([String], Int32, String)])
    func refused(_ arguments: [String], _ status: Int32, _ reason: String) throws {
        let identity = try Identity(
            keys: ["other", "auth", "open"], ["--auth-key", "auth"])
        chmod(identity.work.key("open"), 0o644)
        let pub = try Program.run(["did", "show", identity.work.key("me"), "--public"]).out
        let file = try identity.work.folder.write("pub.jwk", pub)
        chmod(file, 0o600)
        let before = try identity.text()
        let expanded = arguments.map { $0.hasPrefix("--") ? $0 : identity.work.key($0) }
        let run = try Program.run(["chain", "rotate", identity.chain] + expanded)
        #expect(run.status == status, "\(run.err)")
        #expect(run.err.contains(reason), "\(run.err)")
        #expect(run.out.isEmpty)
        #expect(try identity.text() == before)
        #expect(!FileManager.default.fileExists(atPath: identity.work.key("absent")), "a key was left behind")
    }
}
