import Cryptography
import Kernel
import Testing

@Suite("Lists for single rights")
struct ManifestRightsTests {
    private let owner = TestKey(1)
    private let artist = TestKey(2)
    private let label = TestKey(3)

    private func text(_ extra: String, fair: String = "1.1", share: String = "1") -> String {
        Fixture.newer([(artist.name, share)], fair: fair, owner: owner.name, extra: "," + extra)
    }

    private func shares(_ key: TestKey, _ share: String = "1") -> String { Fixture.shares([(key.name, share)]) }

    private func payees(_ text: String, right: String?) throws -> [String] {
        try SplitPlan(Fixture.verify(Fixture.sign(text, owner)), right: right).lines.map(\.did.string)
    }

    @Test("the list of the right that the settlement's type names is used, and no other")
    func named() throws {
        let text = text(
            #""distribution":{"streaming":{"mode":"x","splits":\#(shares(label))},"derivative":{"mode":"reserved"}}"#
                + #","transfer":{"allowed":true,"splits":\#(shares(owner))},"training":{"allowed":false}"#)
        #expect(try payees(text, right: "streaming") == [label.name])
        #expect(try payees(text, right: "transfer") == [owner.name])
        for right in ["derivative", "training", "ticket", "Streaming", "streaming ", ""] {
            #expect(try payees(text, right: right) == [artist.name])
        }
        #expect(try payees(text, right: nil) == [artist.name])
    }

    @Test("two lists for one right must say the same")
    func twice() throws {
        let same = #""distribution":{"transfer":{"splits":\#(shares(label))}},"transfer":{"splits":\#(shares(label))}"#
        #expect(try payees(text(same), right: "transfer") == [label.name])
        let differing =
            #""distribution":{"transfer":{"splits":\#(shares(label))}},"transfer":{"splits":\#(shares(owner))}"#
        #expect(try Fixture.code(text(differing)) == "manifest_malformed")
    }

    @Test("distributions are used where the type names them", arguments: ["1.0", "1.1"])
    func distributions(fair: String) throws {
        let text = text(#""distributions":\#(shares(label))"#, fair: fair)
        #expect(try payees(text, right: "distribution") == [label.name])
        #expect(try payees(text, right: "distributions") == [label.name])
    }

    @Test(
        "distributions that pay otherwise than the attribution are refused for every other type",
        arguments: ["1.0", "1.1"])
    func contradiction(fair: String) throws {
        for list in [
            shares(label), shares(artist, "0.5"), "[]", Fixture.shares([(artist.name, "1"), (label.name, "0")]),
        ] {
            let text = text(#""distributions":\#(list)"#, fair: fair)
            #expect(try Fixture.code(Fixture.sign(text, owner)) == nil, "a manifest with both lists is valid in itself")
            for right in ["ticket", nil] {
                let error = #expect(throws: ManifestError.self) { try payees(text, right: right) }
                #expect(error?.code == "manifest_malformed")
            }
        }
    }

    @Test("distributions that pay the same contradict nothing, whatever roles they give")
    func agreement() throws {
        let list = #"[{"did":"\#(artist.name)","role":"seller","share":1.0}]"#
        #expect(try payees(text(#""distributions":\#(list)"#, fair: "1.0"), right: "ticket") == [artist.name])
    }

    @Test("a list of its own comes before distributions")
    func ownFirst() throws {
        let text = text(
            #""distributions":\#(shares(label)),"distribution":{"streaming":{"splits":\#(shares(owner))}}"#)
        #expect(try payees(text, right: "streaming") == [owner.name])
    }

    @Test("what a right's list leaves over is the owner's, all of it where the list is empty")
    func residual() throws {
        let text = text(#""transfer":{"splits":\#(shares(label, "0.25"))},"distribution":{"streaming":{"splits":[]}}"#)
        #expect(try payees(text, right: "transfer") == [label.name, owner.name])
        #expect(try payees(text, right: "streaming") == [owner.name])
    }

    @Test("the lists of single rights are checked like the main one, asked for or not")
    func checked() throws {
        let heavy = Fixture.shares([(label.name, "0.6"), (artist.name, "0.6")])
        for member in [#""transfer":{"splits":\#(heavy)}"#, #""distributions":\#(heavy)"#] {
            #expect(try Fixture.code(Fixture.sign(text(member), owner)) == "weights_exceed_one")
        }
        for list in ["7", "{}", #"[{"did":"x"}]"#] {
            for member in [#""transfer":{"splits":\#(list)}"#, #""distributions":\#(list)"#] {
                #expect(try Fixture.code(text(member)) == "manifest_malformed")
            }
        }
        let missing = CID(codec: .raw, hashing: [1])
        let linked = #""transfer":{"splits":[{"did":"fair:\#(missing)","role":"r","share":1}]}"#
        #expect(try Fixture.code(Fixture.sign(text(linked), owner)) == "chain_unresolved")
        let many = (0...64).map { #""r\#($0)":{"splits":[]}"# }.joined(separator: ",")
        #expect(try Fixture.code(text(many)) == "manifest_malformed")
    }

    @Test("the right is asked of every manifest in the chain")
    func throughChain() throws {
        let inner = try Fixture.signed(text(#""transfer":{"splits":\#(shares(label))}"#), owner)
        let outer = Fixture.original([(owner.name, "0.5"), ("fair:\(inner.cid)", "0.5")])
        let verified = try Fixture.verify(Fixture.sign(outer, owner), with: [inner])
        #expect(try SplitPlan(verified, right: "transfer").lines.map(\.did) == [owner.did, label.did])
        #expect(try SplitPlan(verified, right: "ticket").lines.map(\.did) == [owner.did, artist.did])
        let torn = try Fixture.signed(text(#""distributions":\#(shares(label))"#), owner)
        let above = Fixture.original([(owner.name, "0.5"), ("fair:\(torn.cid)", "0.5")])
        let contradicting = try Fixture.verify(Fixture.sign(above, owner), with: [torn])
        let error = #expect(throws: ManifestError.self) { try SplitPlan(contradicting, right: "ticket") }
        #expect(error?.code == "chain_invalid")
        #expect(try SplitPlan(contradicting, right: "distribution").lines.map(\.did) == [owner.did, label.did])
    }

    @Test("0.3.0 knows no rights: such members are signed and have no effect")
    func original() throws {
        let extra = #","transfer":{"splits":7},"distributions":"x","chain":1"#
        let verified = try Fixture.verify(Fixture.sign(Fixture.original([(owner.name, "1")], extra: extra), owner))
        #expect(try SplitPlan(verified, right: "transfer").lines.map(\.did) == [owner.did])
    }
}
