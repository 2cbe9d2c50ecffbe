import Foundation
import Testing

struct FairTests {
    private func two() throws -> (Work, String) {
        let work = try Work(keys: ["artist", "producer", "stranger"])
        return (work, try work.manifest([("artist", "artist", "0.6"), ("producer", "producer", "0.4")]))
    }

    @Test("a signed manifest verifies, and says by whom")
    func valid() throws {
        let (work, manifest) = try two()
        let file = try work.sign(manifest, by: "artist")
        let run = try Program.run(["fair", "verify", file, "--format", "json"])
        #expect(run.status == 0, "\(run.err)")
        let verdict = try run.object()
        let cid = try Program.run(["fair", "cid", file]).out.trimmingCharacters(in: .newlines)
        #expect(verdict["valid"] as? Bool == true)
        #expect(verdict["cid"] as? String == cid)
        #expect(verdict["signer"] as? String == (try work.did("artist")))
        #expect(verdict["platform"] is NSNull)
        #expect(verdict["chain"] as? [String] == [cid])
        #expect(Set(verdict.keys) == ["valid", "cid", "signer", "platform", "chain"])
    }

    @Test("a platform's endorsement leaves the CID and the first signature as they were")
    func platform() throws {
        let (work, manifest) = try two()
        let file = try work.sign(manifest, by: "artist")
        let run = try Program.run(["fair", "sign", file, "--key", work.key("stranger"), "--platform"])
        let endorsed = try work.folder.write("endorsed.json", run.out)
        let verdict = try Program.run(["fair", "verify", endorsed]).object()
        #expect(verdict["valid"] as? Bool == true)
        #expect(verdict["platform"] as? String == (try work.did("stranger")))
        #expect(verdict["signer"] as? String == (try work.did("artist")))
        #expect(try Program.run(["fair", "cid", endorsed]).out == (try Program.run(["fair", "cid", file]).out))
    }

    @Test("an invalid manifest exits 1 with the code that a node answers with")
    func invalid() throws {
        let (work, manifest) = try two()
        func verify(_ text: String) throws -> (Int32, String?) {
            let run = try Program.run(["fair", "verify", "-", "--format", "json"], input: text)
            let verdict = try run.object()
            #expect(verdict["valid"] as? Bool == false)
            #expect((verdict["reason"] as? String)?.isEmpty == false)
            #expect(run.err.contains("is invalid"))
            return (run.status, verdict["code"] as? String)
        }
        let signed = try String(contentsOfFile: work.sign(manifest, by: "artist"), encoding: .utf8)
        let stranger = try String(contentsOfFile: work.sign(manifest, by: "stranger"), encoding: .utf8)
        let heavy = try work.manifest([("artist", "artist", "0.6"), ("producer", "producer", "0.6")])
        let heavySigned = try String(contentsOfFile: work.sign(heavy, by: "artist"), encoding: .utf8)
        #expect(try verify(manifest) == (1, "manifest_unsigned"))
        #expect(try verify(signed.replacing("A work", with: "B work")) == (1, "manifest_signature_invalid"))
        #expect(try verify(stranger) == (1, "manifest_signer_not_party"))
        #expect(try verify(heavySigned) == (1, "weights_exceed_one"))
        #expect(try verify("{}") == (1, "manifest_malformed"))
        #expect(try verify("nothing") == (1, "manifest_malformed"))
    }

    @Test("several files make an array that names them, and one invalid file is enough to exit 1")
    func several() throws {
        let (work, manifest) = try two()
        let good = try work.sign(manifest, by: "artist")
        let bad = try work.folder.write("bad.json", manifest)
        let run = try Program.run(["fair", "verify", good, bad])
        #expect(run.status == 1)
        let rows = try run.rows()
        #expect(rows.map { $0["valid"] as? Bool } == [true, false])
        #expect(rows.map { $0["file"] as? String } == [good, bad])
    }

    @Test("a chain is followed through the manifests given with it, and refused without them")
    func chain() throws {
        let (work, inner) = try two()
        let song = try work.sign(inner, by: "artist", file: "song.json")
        let cid = try Program.run(["fair", "cid", song]).out.trimmingCharacters(in: .newlines)
        let outer = try work.manifest(
            [("stranger", "remixer", "0.5"), ("fair:\(cid)", "song", "0.5")], id: "urn:test:remix")
        let remix = try work.sign(outer, by: "stranger", file: "remix.json")
        let alone = try Program.run(["fair", "verify", remix])
        #expect(alone.status == 1)
        #expect(try alone.object()["code"] as? String == "chain_unresolved")
        let whole = try Program.run(["fair", "verify", remix, "--with", song])
        #expect(whole.status == 0)
        #expect((try whole.object()["chain"] as? [String])?.last == cid)
        let split = try Program.run(
            ["fair", "split", remix, "--with", song, "--amount", "101", "--currency", "USD", "--format", "json"])
        let lines = try #require(try split.object()["splits"] as? [[String: Any]])
        #expect(lines.map { $0["weight"] as? String } == ["1/2", "3/10", "1/5"])
        #expect(lines.map { $0["amount"] as? Int } == [51, 30, 20])
        #expect(lines.map { $0["via"] as? [String] } == [[], [cid], [cid]])
    }

    @Test("a split has its parts, its residual and its total, and sums to it")
    func split() throws {
        let work = try Work(keys: ["artist", "producer"])
        let manifest = try work.manifest([("artist", "artist", "0.3333"), ("producer", "producer", "0.3333")])
        let file = try work.sign(manifest, by: "artist")
        let run = try Program.run(["fair", "split", file, "--amount", "10000", "--currency", "USD", "--format", "json"])
        let split = try run.object()
        #expect(Set(split.keys) == ["splits", "residual", "total"])
        let lines = try #require(split["splits"] as? [[String: Any]])
        #expect(lines.map { $0["role"] as? String } == ["artist", "producer", "residual"])
        #expect(lines.map { $0["amount"] as? Int } == [3333, 3333, 3334])
        #expect(lines[2]["did"] as? String == (try work.did("artist")))
        #expect(split["residual"] as? Int == 3334)
        #expect(split["total"] as? Int == 10_000)
        for line in lines { #expect(Set(line.keys) == ["did", "role", "weight", "amount", "via"]) }
    }

    @Test("a table shows decimals of the currency, CSV minor units")
    func formats() throws {
        let (work, manifest) = try two()
        let file = try work.sign(manifest, by: "artist")
        let base = ["fair", "split", file, "--amount", "1000001", "--currency", "MJN", "--format"]
        #expect(try Program.run(base + ["table"]).out.contains("0.600001 MJN"))
        #expect(try Program.run(base + ["csv"]).out.contains(",600001,"))
        #expect(try Program.run(base + ["jsonl"]).out.split(separator: "\n").count == 2)
    }

    @Test("a draft without a signature is split with a warning, a forged one not at all")
    func draft() throws {
        let (work, manifest) = try two()
        let base = ["fair", "split", "-", "--amount", "10", "--currency", "USD"]
        let draft = try Program.run(base, input: manifest)
        #expect(draft.status == 0)
        #expect(draft.err.contains("not signed"))
        let signed = try String(contentsOfFile: work.sign(manifest, by: "artist"), encoding: .utf8)
        let forged = try Program.run(base, input: signed.replacing("A work", with: "My work"))
        #expect(forged.status == 1)
        #expect(forged.err.contains("manifest_signature_invalid"))
        #expect(forged.out.isEmpty)
    }

    @Test("canonical bytes are RFC 8785 without signatures and without a line end")
    func canonical() throws {
        let run = try Program.run(
            ["fair", "canonical", "-"], input: #"{"b":1.0, "a":"é", "signature":{}, "platformSignature":1, "c":1e2}"#)
        #expect(run.out == #"{"a":"é","b":1,"c":100}"#)
        let cid = try Program.run(["fair", "cid", "-"], input: #"{ "a": "é", "c": 100, "b": 1 }"#)
        #expect(cid.out.hasPrefix("bafkrei"))
        #expect(cid.out == (try Program.run(["fair", "cid", "-"], input: run.out).out))
    }

    @Test("gas follows the curve")
    func gas() throws {
        let quote = try Program.run(["gas", "quote", "--tier", "2", "--sent", "1"]).object()
        #expect(quote["message_number"] as? Int == 2)
        #expect(quote["multiplier"] as? String == "1.5")
        #expect(quote["amount"] as? Int == 150_000)
        #expect(quote["currency"] as? String == "MJN")
        let curve = try #require(quote["curve"] as? [[String: Any]])
        #expect(curve.map { $0["amount"] as? Int } == [100_000, 150_000, 300_000, 700_000, 1_500_000, 4_000_000])
        let own = try Program.run(["gas", "quote", "--tier", "2"], environment: ["MJN_GAS_BASES": "0,7,9"]).object()
        #expect(own["amount"] as? Int == 7)
    }
}
