import Foundation
import Testing

struct KeyTests {
    @Test("a new key is a private file that shows the DID it was announced with, and is never written over")
    func newKey() throws {
        let work = try Work(keys: ["me"])
        let mode = try FileManager.default.attributesOfItem(atPath: work.key("me"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try work.did("me").wholeMatch(of: /did:imajin:[1-9A-HJ-NP-Za-km-z]{32,44}/) != nil)
        let shown = try Program.run(["did", "show", work.key("me")])
        #expect(shown.out == (try work.did("me")) + "\n")
        let again = try Program.run(["did", "new", "--out", work.key("me")])
        #expect(again.status == 1)
        #expect(try Program.run(["did", "show", work.key("me")]).out == shown.out)
    }

    @Test("a public key, from standard input, has the same DID and no private part")
    func publicKey() throws {
        let work = try Work(keys: ["me"])
        let shared = try Program.run(["did", "show", work.key("me"), "--public"])
        #expect(try shared.object()["d"] == nil)
        #expect(try shared.object()["kty"] as? String == "OKP")
        #expect(try Program.run(["did", "show", "-"], input: shared.out).out == (try work.did("me")) + "\n")
    }

    @Test("a Solana keypair becomes the same key as JWK")
    func solana() throws {
        // RFC 8032, section 7.1, test 1: the seed and its public key.
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
        let point = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        let hex = Array(seed + point)
        let numbers = stride(from: 0, to: hex.count, by: 2).compactMap { Int(String(hex[$0...($0 + 1)]), radix: 16) }
        let folder = try Folder()
        let file = try folder.write("id.json", "\(numbers)")
        let run = try Program.run(["did", "import-solana", file, "--out", folder("me.jwk")])
        #expect(run.status == 0, "\(run.err)")
        #expect(run.out == "did:imajin:FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z\n")
        #expect(try Program.run(["did", "show", folder("me.jwk")]).out == run.out)
        let wrong = try folder.write("wrong.json", "\(numbers.dropLast() + [0])")
        #expect(try Program.run(["did", "import-solana", wrong]).status == 65)
    }
}
