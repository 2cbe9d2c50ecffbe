import Cryptography
import Kernel
import Testing

@Suite("Reading manifests")
struct ManifestParseTests {
    private static let key = TestKey(1)
    private static let did = key.name
    private static let other = TestKey(2).name
    private static let link = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

    @Test("the protocol's own shape is read")
    func original() throws {
        let manifest = try Fixture.parse(
            #"""
            {"id":"asset-123","version":"0.3.0","type":"track","title":"A song","contributors":[
             {"id":"\#(Self.did)","role":"artist","weight":0.60},{"id":"mjn:protocol","role":"protocol","weight":1e-7},
             {"id":"fair:\#(Self.link)","role":"sample","weight":0.1}],
             "context":{"source":"manual","derivedFrom":[{"type":"fair","id":"\#(Self.link)"},
              {"type":"graphql","id":"x"},{"type":"fair","id":"fair:\#(Self.link)","timestamp":"t"}]},
             "terms":{"train":{"consent":"explicit","price":0.50}},"unknown":[1,2]}
            """#)
        #expect(manifest.shape == .v0_3)
        #expect(manifest.id == "asset-123")
        #expect(manifest.type == "track")
        #expect(manifest.title == "A song")
        #expect(manifest.owner == nil)
        #expect(manifest.contributors.map(\.role) == ["artist", "protocol", "sample"])
        #expect(
            manifest.contributors.map(\.weight.attos) == [
                600_000_000_000_000_000, 100_000_000_000, 100_000_000_000_000_000,
            ])
        #expect(manifest.contributors[0].did == Self.key.did)
        #expect(manifest.contributors[1].party == .name("mjn:protocol"))
        #expect(manifest.contributors[2].link?.string == Self.link)
        #expect(manifest.derivedFrom.map(\.string) == [Self.link, Self.link])
        #expect(manifest.signature == .absent)
    }

    @Test("1.0 and 1.1 are read into the same model", arguments: ["1.0", "1.1"])
    func newer(fair: String) throws {
        let text = Fixture.newer([(Self.other, "0.5"), (Self.did, "0.5")], fair: fair, owner: Self.did)
        let manifest = try Fixture.parse(text)
        #expect(manifest.shape.rawValue == fair)
        #expect(manifest.owner == Self.key.did)
        #expect(manifest.contributors.map { $0.did?.string } == [Self.other, Self.did])
    }

    @Test("an entry of 1.1 may have a name only")
    func nameOnly() throws {
        let list = #"[{"name":"Platform","role":"platform","share":1}]"#
        let head = #""id":"a","owner":"\#(Self.did)","attribution":\#(list)"#
        #expect(try Fixture.parse(#"{"fair":"1.1",\#(head)}"#).contributors[0].party == .name("Platform"))
        #expect(try Fixture.code(#"{"fair":"1.0",\#(head)}"#) == "manifest_malformed")
    }

    @Test("1.0 may call the list chain, and may say it twice, but not differently")
    func chainAlias() throws {
        let list = Fixture.shares([(Self.did, "1")])
        let head = #"{"fair":"1.0","id":"a","owner":"\#(Self.did)""#
        #expect(try Fixture.parse("\(head),\"chain\":\(list)}").contributors.count == 1)
        #expect(try Fixture.parse("\(head),\"chain\":\(list),\"attribution\":\(list)}").contributors.count == 1)
        let differing = Fixture.shares([(Self.did, "0.5")])
        #expect(
            try Fixture.code("\(head),\"chain\":\(differing),\"attribution\":\(list)}") == "manifest_malformed")
    }

    @Test("the CID is that of the signed bytes, and no signature changes it")
    func cid() throws {
        let text = Fixture.original([(Self.did, "1")])
        let plain = try Fixture.parse(text)
        let once = try Fixture.sign(text, Self.key)
        let twice = try Fixture.sign(once, TestKey(9), as: .platform)
        #expect(plain.cid == CID(codec: .raw, hashing: plain.signedBytes))
        #expect(plain.cid.string.hasPrefix("bafkrei"))
        for signed in [once, twice] {
            #expect(try Fixture.parse(signed).cid == plain.cid)
            #expect(try Fixture.parse(signed).signedBytes == plain.signedBytes)
        }
        let nested = try Fixture.parse(Fixture.original([(Self.did, "1")], extra: #","metadata":{"signature":"x"}"#))
        #expect(nested.cid != plain.cid)
        #expect(try Manifest.cid(of: Fixture.json(once)) == plain.cid)
    }

    @Test("what is no manifest, or contradicts itself, is malformed", arguments: malformed)
    func refused(text: String) throws {
        #expect(try Fixture.code(text) == "manifest_malformed", "\(text)")
    }

    private static let entry = #"{"id":"\#(did)","role":"r","weight":1}"#
    private static let share = #"{"did":"\#(did)","role":"r","share":1}"#

    private static let malformed: [String] =
        [
            "[]", "1", "\"x\"", "null", "{}",
            #"{"id":"a","contributors":[\#(entry)]}"#,
            #"{"id":"a","version":"0.4.0","contributors":[\#(entry)]}"#,
            #"{"id":"a","version":3,"contributors":[\#(entry)]}"#,
            #"{"version":"0.3.0","contributors":[\#(entry)]}"#,
            #"{"id":"","version":"0.3.0","contributors":[\#(entry)]}"#,
            #"{"id":7,"version":"0.3.0","contributors":[\#(entry)]}"#,
            #"{"id":"a","version":"0.3.0"}"#,
            #"{"id":"a","version":"0.3.0","contributors":{}}"#,
            #"{"id":"a","version":"0.3.0","contributors":[]}"#,
            #"{"id":"a","version":"0.3.0","contributors":[7]}"#,
            #"{"id":"a","version":"0.3.0","contributors":[\#(entry)],"attribution":[\#(share)]}"#,
            #"{"id":"a","version":"0.3.0","contributors":[\#(entry)],"owner":"me"}"#,
            #"{"id":"a","version":"0.3.0","contributors":[\#(entry)],"owner":7}"#,
            #"{"id":"a","version":"0.3.0","contributors":[\#(entry)],"type":7}"#,
            #"{"id":"a","version":"0.3.0","contributors":[\#(entry)],"title":[]}"#,
            #"{"fair":"1.2","id":"a","owner":"\#(did)","attribution":[\#(share)]}"#,
            #"{"fair":1.0,"id":"a","owner":"\#(did)","attribution":[\#(share)]}"#,
            #"{"fair":"1.0","id":"a","attribution":[\#(share)]}"#,
            #"{"fair":"1.0","id":"a","owner":"\#(did)"}"#,
            #"{"fair":"1.0","version":"0.3.0","id":"a","owner":"\#(did)","attribution":[\#(share)]}"#,
            #"{"fair":"1.0","version":"1.1","id":"a","owner":"\#(did)","attribution":[\#(share)]}"#,
            #"{"fair":"1.0","version":1,"id":"a","owner":"\#(did)","attribution":[\#(share)]}"#,
            #"{"fair":"1.0","id":"a","owner":"\#(did)","attribution":[\#(share)],"contributors":[\#(entry)]}"#,
            #"{"fair":"1.1","id":"a","attribution":[]}"#,
        ]
        + [
            #"{"role":"r","weight":1}"#, #"{"id":null,"role":"r","weight":1}"#, #"{"id":"","role":"r","weight":1}"#,
            #"{"id":"\#(did)","weight":1}"#, #"{"id":"\#(did)","role":"","weight":1}"#,
            #"{"id":"\#(did)","role":3,"weight":1}"#, #"{"id":"\#(did)","role":"r"}"#,
            #"{"id":"\#(did)","role":"r","weight":"1"}"#, #"{"id":"\#(did)","role":"r","weight":null}"#,
            #"{"id":"\#(did)","role":"r","weight":-0.1}"#, #"{"id":"\#(did)","role":"r","weight":1.01}"#,
            #"{"id":"\#(did)","role":"r","weight":1e-19}"#,
            #"{"id":"\#(did)","role":"r","weight":0.0012345678901234567}"#,
            #"{"id":"\#(did)","role":"r","weight":1,"share":0.5}"#,
            #"{"id":"\#(did)","role":"r","weight":1,"share":"1"}"#,
            #"{"id":"\#(did)","did":"\#(other)","role":"r","weight":1}"#, #"{"id":"fair:","role":"r","weight":1}"#,
            #"{"id":"fair:nonsense","role":"r","weight":1}"#,
            #"{"id":"fair:bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy","role":"r","weight":1}"#,
            #"{"id":"\#(String(repeating: "x", count: 1025))","role":"r","weight":1}"#,
            #"{"id":"\#(did)","role":"\#(String(repeating: "x", count: 129))","weight":1}"#,
        ].map { #"{"id":"a","version":"0.3.0","contributors":[\#($0)]}"# }
        + [
            "7", #""x""#, #"[{"type":"fair"}]"#, #"[{"type":"fair","id":7}]"#, #"[{"type":"fair","id":"asset-1"}]"#,
            #"[{"type":"fair","id":"fair:\#(link)x"}]"#,
        ].map { #"{"id":"a","version":"0.3.0","contributors":[\#(entry)],"context":{"derivedFrom":\#($0)}}"# }
        + [
            "7", "[]", "true", "{}", #"{"algorithm":"ed25519"}"#, #"{"algorithm":"ed25519","value":"00"}"#,
            #"{"algorithm":"ed25519","publicKeyRef":"\#(did)"}"#, #"{"value":"00"}"#,
            #"{"algorithm":7,"value":"00","publicKeyRef":"\#(did)"}"#,
            #"{"algorithm":"ed25519","value":"00","signer":"\#(did)"}"#,
            #"{"algorithm":"ed25519","alg":"ed25519","value":"00","publicKeyRef":"\#(did)","signer":"\#(did)"}"#,
        ].flatMap { value in
            ["signature", "platformSignature"].map {
                #"{"id":"a","version":"0.3.0","contributors":[\#(entry)],"\#($0)":\#(value)}"#
            }
        }
}
