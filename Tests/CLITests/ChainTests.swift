import Foundation
import Testing

struct ChainTests {
    @Test("a new identity binds the key that began it, and an independent verifier finds the same")
    func create() throws {
        let work = try Work(keys: ["me"])
        let file = work.folder("chain.json")
        let run = try Program.run(["chain", "create", "--key", work.key("me"), "--out", file])
        #expect(run.status == 0, "\(run.err)")
        let made = try run.object()
        let judged = try Python.judge(file)
        #expect(made["did"] as? String == judged["did"] as? String)
        #expect(made["head_cid"] as? String == judged["head"] as? String)
        #expect(made["binds"] as? String == (try work.did("me")))
        #expect(judged["binds"] as? String == (try work.did("me")))
        for role in ["authKeys", "assertKeys", "controllerKeys"] {
            #expect(judged[role] as? [String] == [try work.did("me")], "\(role)")
        }
        #expect(run.err.contains("the only controller"))
    }

    @Test("roles and services are what was asked for; the key itself is a controller in any case")
    func roles() throws {
        let identity = try Identity(
            keys: ["a", "b", "c"],
            [
                "--auth-key", "a", "--assert-key", "b", "--assert-key", "c", "--controller-key", "c", "--service",
                "id=relay,type=DfosRelay,endpoint=https://relay.example/a,b", "--service",
                #"{"id":"other","type":"Thing","depth":{"n":[1,true]}}"#,
            ])
        let judged = try Python.judge(identity.chain)
        let did = identity.work.did
        #expect(judged["authKeys"] as? [String] == [try did("a")])
        #expect(judged["assertKeys"] as? [String] == [try did("b"), try did("c")])
        #expect(judged["controllerKeys"] as? [String] == [try did("me"), try did("c")])
        let services = try #require(judged["services"] as? [[String: Any]])
        #expect(services.count == 2)
        #expect(services[0]["endpoint"] as? String == "https://relay.example/a,b")
        #expect((services[1]["depth"] as? [String: Any])?["n"] as? [Int] == [1, 1])
        #expect(try identity.shown()["binds"] as? String == did("me"))
    }

    @Test("a key is named by a public file, by its DID or in multibase alike")
    func keyForms() throws {
        var identity = try Identity(keys: ["a"])
        let multibase = try #require(
            ((try identity.shown()["keys"] as? [String: Any])?["auth"] as? [[String: Any]])?.first?["multibase"]
                as? String)
        let pub = try Program.run(["did", "show", identity.work.key("a"), "--public"]).out
        let file = try identity.work.folder.write("a.pub.jwk", pub)
        try identity.work.add("b")
        try identity.change(
            "update", ["--auth-key", file, "--auth-key", try identity.work.did("b"), "--auth-key", multibase])
        let did = identity.work.did
        #expect(try Python.judge(identity.chain)["authKeys"] as? [String] == [did("a"), did("b"), did("me")])
    }

    @Test("a chain's file is never written over, unless one insists")
    func force() throws {
        let identity = try Identity()
        let before = try identity.text()
        let create = ["chain", "create", "--key", identity.work.key("me"), "--out", identity.chain]
        let again = try Program.run(create)
        #expect(again.status == 1)
        #expect(again.err.contains("--force"))
        #expect(try identity.text() == before)
        #expect(try Program.run(create + ["--force"]).status == 0)
        #expect(try identity.text() != before)
        let files = try FileManager.default.contentsOfDirectory(atPath: identity.work.folder.path)
        #expect(files.sorted() == ["me.chain.json", "me.jwk"], "a draft was left behind")
    }

    @Test("no output holds a private key, and the chain's file is no secret")
    func noSecrets() throws {
        let identity = try Identity()
        let jwk = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: identity.work.key("me"))))
                as? [String: Any])
        let secret = try #require(jwk["d"] as? String)
        let runs = [
            try identity.run("rotate", ["--new", identity.work.folder("new.jwk"), "--make"]),
            try Program.run(["chain", "show", identity.chain]), try Program.run(["chain", "verify", identity.chain]),
        ]
        for run in runs { #expect(!(run.out + run.err).contains(secret)) }
        #expect(try !identity.text().contains(secret))
    }

    @Test("delete and restore are steps of the chain, each dated after the one before")
    func deleteAndRestore() throws {
        let identity = try Identity()
        #expect(try identity.change("delete")["deleted"] as? Bool == true)
        #expect(try Python.judge(identity.chain)["deleted"] as? Bool == true)
        #expect(try Program.run(["chain", "verify", identity.chain]).object()["deleted"] as? Bool == true)
        let twice = try identity.run("delete", [])
        #expect(twice.status == 1)
        #expect(twice.err.contains("proof_chain_deleted"))
        #expect(try identity.change("restore")["deleted"] as? Bool == false)
        #expect(try identity.run("restore", []).status == 1)
        let judged = try Python.judge(identity.chain)
        #expect(judged["deleted"] as? Bool == false)
        #expect(judged["count"] as? Int == 3)
    }

    @Test("an update carries over what it does not name, and what it names replaces the whole list")
    func update() throws {
        let identity = try Identity(keys: ["a", "b"], ["--service", "id=x,type=T,v=1"])
        let did = identity.work.did
        try identity.change("update", ["--auth-key", "a", "--auth-key", "b"])
        var judged = try Python.judge(identity.chain)
        #expect(judged["authKeys"] as? [String] == [try did("a"), try did("b")])
        #expect(judged["assertKeys"] as? [String] == [try did("me")])
        #expect((judged["services"] as? [Any])?.count == 1)
        try identity.change("update", ["--auth-key", "b", "--no-assert-keys", "--no-services"])
        judged = try Python.judge(identity.chain)
        #expect(judged["authKeys"] as? [String] == [try did("b")])
        #expect(judged["assertKeys"] as? [String] == [])
        #expect((judged["services"] as? [Any])?.isEmpty == true)
        #expect(judged["controllerKeys"] as? [String] == [try did("me")])
    }

    @Test("nobody is locked out by an update: giving up control takes a word of its own")
    func handOver() throws {
        let identity = try Identity(keys: ["heir"])
        let before = try identity.text()
        let refused = try identity.run("update", ["--controller-key", "heir"])
        #expect(refused.status == 64)
        #expect(refused.err.contains("--hand-over"))
        #expect(try identity.text() == before)
        try identity.change("update", ["--controller-key", "heir", "--hand-over"])
        #expect(try identity.run("delete", []).status == 65)
        try identity.change("delete", signedBy: "heir")
    }

    @Test("two commands on one chain at the same time lose nothing: one of them waits its turn or is told to")
    func simultaneous() async throws {
        let identity = try Identity(keys: ["a", "b", "c", "d"])
        let runs = try await withThrowingTaskGroup(of: Program.Run.self) { group in
            for key in ["a", "b", "c", "d"] {
                group.addTask { try identity.run("update", ["--auth-key", key]) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let done = runs.count { $0.status == 0 }
        #expect(done >= 1)
        #expect(runs.allSatisfy { $0.status == 0 || $0.status == 75 }, "\(runs.map(\.err))")
        #expect(try Python.judge(identity.chain)["count"] as? Int == 1 + done)
    }
}
