import Foundation
import Testing

/// The vectors in `Tests/Fixtures/dfos`, through the command line.
struct ChainVectorTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/dfos")

    private func fixture(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: Self.fixtures.appendingPathComponent(name))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func verify(_ log: Any) throws -> (status: Int32, verdict: [String: Any], err: String) {
        let data = try JSONSerialization.data(withJSONObject: log, options: .withoutEscapingSlashes)
        let text = String(decoding: data, as: UTF8.self)
        let run = try Program.run(["chain", "verify", "-", "--format", "json"], input: text)
        return (run.status, try run.object(), run.err)
    }

    @Test("chains as the protocol's own documents have them verify to the identities that these name")
    func published() throws {
        for name in ["genesis", "rotation", "delete", "restore", "services"] {
            let vector = try fixture("published/identity-\(name).json")
            let (status, verdict, err) = try verify(try #require(vector["chain"]))
            let expected = try #require(vector["expected"] as? [String: Any])
            #expect(status == 0, "\(name): \(err)")
            #expect(verdict["did"] as? String == expected["did"] as? String, "\(name)")
            #expect(verdict["valid"] as? Bool == true)
            #expect(verdict["deleted"] as? Bool == (expected["isDeleted"] as? Bool ?? (name == "delete")), "\(name)")
        }
    }

    @Test("every case of the identity chains is accepted or refused as the reference does, with exit codes 0 and 1")
    func cases() throws {
        let cases = try #require(try fixture("derived/identity-chain-cases.json")["cases"] as? [[String: Any]])
        #expect(cases.count == 64)
        var accepted = 0
        for vector in cases {
            let name = vector["name"] as? String ?? "?"
            let (status, verdict, err) = try verify(try #require(vector["log"]))
            guard vector["expect"] as? String == "accept" else {
                #expect(status == 1, "\(name)")
                #expect(verdict["valid"] as? Bool == false, "\(name)")
                let code = verdict["code"] as? String ?? ""
                #expect(code.hasPrefix("proof_"), "\(name): \(code)")
                #expect((verdict["reason"] as? String)?.isEmpty == false && err.contains(code), "\(name)")
                continue
            }
            accepted += 1
            #expect(status == 0, "\(name): \(err)")
            #expect(verdict["did"] as? String == vector["did"] as? String, "\(name)")
        }
        #expect(accepted == 11)
    }

    @Test("countersignatures are judged as the reference does, but for the time that it does not look at")
    func countersignatures() throws {
        let vectors = try fixture("derived/countersign-cases.json")
        let folder = try Folder()
        func chain(_ name: String) throws -> String {
            let genesis = try #require((vectors[name] as? [String: Any])?["genesis"] as? String)
            return try folder.write("\(name).json", "[\"\(genesis)\"]")
        }
        let options = ["--chain", try chain("A"), "--chain", try chain("B"), "--relay", "off"]
        let artifact = try #require((vectors["artifact"] as? [String: Any])?["token"] as? String)
        let artifactFile = try folder.write("artifact.jws", artifact)
        let cases = try #require(vectors["cases"] as? [[String: Any]])
        #expect(cases.count == 10)
        for vector in cases {
            let name = vector["name"] as? String ?? "?"
            let file = try folder.write("case.jws", try #require(vector["token"] as? String))
            let run = try Program.run(["attest", "verify", artifactFile, file] + options)
            let rows = try run.rows()
            let isAccepted = vector["expect"] as? String == "accept" && name != "bad-time"
            #expect(rows[0]["valid"] as? Bool == true, "\(name)")
            #expect(rows[1]["valid"] as? Bool == isAccepted, "\(name): \(run.out)")
            #expect(run.status == (isAccepted ? 0 : 1), "\(name)")
        }
    }

    @Test("what is no chain is invalid; what cannot be read is bad input")
    func noChain() throws {
        for text in ["", "nothing", "{}", "[1]", "[[]]", "[\"a\",\"a\"", "{\"a\":1,\"a\":2}", "\"token\""] {
            let run = try Program.run(["chain", "verify", "-", "--format", "json"], input: text)
            #expect(run.status == 1, "\(text)")
            #expect(try run.object()["code"] as? String == "chain_malformed", "\(text)")
        }
        let empty = try Program.run(["chain", "verify", "-", "--format", "json"], input: "[]")
        #expect(empty.status == 1)
        #expect(try empty.object()["code"] as? String == "proof_log_empty")
        #expect(try Program.run(["chain", "verify", "missing.json"]).status == 65)
    }

    @Test("several chains are judged each by itself, and one that is invalid decides the exit code")
    func several() throws {
        let identity = try Identity()
        let bad = try identity.work.folder.write("bad.json", "[]")
        let run = try Program.run(["chain", "verify", identity.chain, bad])
        #expect(run.status == 1)
        let rows = try run.rows()
        #expect(rows.map { $0["valid"] as? Bool } == [true, false])
        #expect(rows.map { $0["file"] as? String } == [identity.chain, bad])
    }

    @Test("a verdict names the operation that is wrong")
    func position() throws {
        let identity = try Identity()
        try identity.change("delete")
        var tokens = try identity.tokens()
        tokens[1] = String(tokens[1].dropLast(4)) + "AAAA"
        let (status, verdict, _) = try verify(tokens)
        #expect(status == 1)
        #expect(verdict["operation"] as? Int == 1)
        #expect(verdict["code"] as? String == "proof_signature_invalid")
    }
}
