import Cryptography
import Kernel
import Testing

@Suite("Chains of manifests")
struct ManifestChainTests {
    private let keys = (1...9).map { TestKey($0) }

    private func manifest(_ entries: [(String, String)], extra: String = "", by key: Int) throws -> Manifest {
        try Fixture.signed(Fixture.original([(keys[key].name, "0.5")] + entries, extra: extra), keys[key])
    }

    private func link(_ manifest: Manifest) -> String { "fair:\(manifest.cid)" }

    private func derived(from manifests: [Manifest]) -> String {
        let list = manifests.map { #"{"type":"fair","id":"\#($0.cid)"}"# }.joined(separator: ",")
        return #","context":{"derivedFrom":[\#(list)]}"#
    }

    /// A chain of so many links below its root; the first element is the root.
    private func chain(links: Int, derives: Bool = false) throws -> [Manifest] {
        var chain = [try manifest([], by: 0)]
        for _ in 0..<links {
            let entries = derives ? [] : [(link(chain[0]), "0.5")]
            chain.insert(try manifest(entries, extra: derives ? derived(from: [chain[0]]) : "", by: 0), at: 0)
        }
        return chain
    }

    private func error(_ manifest: Manifest, with others: [Manifest]) -> ManifestError? {
        #expect(throws: ManifestError.self) { try Fixture.verify(manifest, with: others) }
    }

    @Test("a link passes its share on, its residual included, and the lines say through what")
    func passes() throws {
        let inner = try manifest([(keys[2].name, "0.25")], by: 1)
        let outer = try manifest([(link(inner), "0.4"), (keys[3].name, "0.1")], by: 0)
        let verified = try Fixture.verify(outer, with: [inner])
        #expect(verified.chain == [outer.cid, inner.cid])
        let plan = try SplitPlan(verified, right: "ticket")
        #expect(plan.lines.map(\.did) == [keys[0], keys[1], keys[2], keys[1], keys[3]].map(\.did))
        #expect(plan.lines.map(\.role) == ["artist", "artist", "artist", "residual", "artist"])
        #expect(plan.lines.map(\.weightText) == ["1/2", "1/5", "1/10", "1/10", "1/10"])
        #expect(plan.lines.map(\.via) == [[], [inner.cid], [inner.cid], [inner.cid], []])
        #expect(try plan.split(amountMinor: 9) == [4, 2, 1, 1, 1])
    }

    @Test("five links are a chain, six are too deep, whether they pay or only derive", arguments: [false, true])
    func depth(derives: Bool) throws {
        for links in 0...5 {
            let chain = try chain(links: links, derives: derives)
            let verified = try Fixture.verify(chain[0], with: Array(chain.dropFirst()))
            #expect(verified.chain == chain.map(\.cid))
        }
        for links in 6...8 {
            let chain = try chain(links: links, derives: derives)
            #expect(error(chain[0], with: Array(chain.dropFirst()))?.code == "chain_too_deep")
        }
    }

    @Test("a manifest that was reached on a short way first is still too deep on a long one")
    func longWay() throws {
        let tail = try chain(links: 3)
        let middle = try manifest([(link(tail[0]), "0.5")], by: 1)
        let shortFirst = try manifest([(link(tail[0]), "0.1"), (link(middle), "0.1")], by: 2)
        #expect(try Fixture.verify(shortFirst, with: tail + [middle]).chain.count == 6)
        let above = try manifest([(link(middle), "0.5")], by: 3)
        let tooLong = try manifest([(link(tail[0]), "0.1"), (link(above), "0.1")], by: 2)
        #expect(error(tooLong, with: tail + [middle, above])?.code == "chain_too_deep")
    }

    @Test("a diamond is verified once per manifest and paid once per way")
    func diamond() throws {
        let bottom = try manifest([], by: 1)
        let left = try manifest([(link(bottom), "0.5")], by: 2)
        let right = try manifest([(link(bottom), "0.5")], by: 3)
        let top = try manifest([(link(left), "0.25"), (link(right), "0.25")], by: 0)
        let verified = try Fixture.verify(top, with: [bottom, left, right])
        #expect(verified.chain == [top, left, bottom, right].map(\.cid))
        let plan = try SplitPlan(verified, right: nil)
        #expect(
            plan.lines.filter { $0.did == keys[1].did }.map(\.via) == [
                [left.cid, bottom.cid], [left.cid, bottom.cid], [right.cid, bottom.cid], [right.cid, bottom.cid],
            ])
        #expect(try plan.split(amountMinor: 1_000_003).reduce(0, +) == 1_000_003)
    }

    @Test("a tower of diamonds ends at ten thousand lines, at once")
    func explosion() throws {
        var tower = [try manifest([], by: 0)]
        for _ in 0..<4 {
            let entries = Array(repeating: (link(tower[0]), "0.01"), count: 40)
            tower.insert(try manifest(entries, by: 0), at: 0)
        }
        let refused = error(tower[0], with: Array(tower.dropFirst()))
        #expect(refused?.code == "chain_too_deep")
        #expect(refused?.reason.contains("10000 lines") == true)
        let small = try Fixture.verify(tower[2], with: tower)
        #expect(try SplitPlan(small, right: nil).lines.count == 40 * (40 * 2 + 2) + 2)
    }

    @Test("a chain may refer to 256 manifests, and to no more")
    func wide() throws {
        let leaves = try (0...256).map { number in
            try Fixture.signed(Fixture.original([(keys[0].name, "1")], id: "leaf-\(number)"), keys[0])
        }
        let most = try manifest([], extra: derived(from: Array(leaves.dropLast())), by: 0)
        #expect(try Fixture.verify(most, with: leaves).chain.count == 257)
        let more = try manifest([], extra: derived(from: leaves), by: 0)
        #expect(error(more, with: leaves)?.code == "chain_too_deep")
        #expect(error(more, with: [])?.code == "chain_too_deep")
    }

    @Test("what is missing is named, all of it, wherever it is referred to")
    func unresolved() throws {
        let (first, second, third) = (try manifest([], by: 1), try manifest([], by: 2), try manifest([], by: 3))
        let inner = try manifest([(link(third), "0.1")], by: 4)
        let entries = [(link(first), "0.1"), (link(inner), "0.1"), (link(first), "0.1")]
        let outer = try manifest(entries, extra: derived(from: [second]), by: 0)
        let refused = error(outer, with: [inner])
        #expect(refused == .chainUnresolved([first.cid, third.cid, second.cid]))
        #expect(refused?.code == "chain_unresolved")
        #expect(refused?.reason.contains(third.cid.string) == true)
    }

    @Test("every link is verified like the root, and the refusal names the link and its code")
    func invalidLinks() throws {
        let (name, other) = (keys[1].name, keys[2].name)
        let signed = try Fixture.sign(Fixture.original([(name, "1")]), keys[1])
        let endorsed = try Fixture.sign(signed, keys[3], as: .platform)
        let cases: [(String, String)] = [
            (Fixture.original([(name, "1")]), "manifest_unsigned"),
            (signed.replacing("work-1", with: "work-2"), "manifest_signature_invalid"),
            (try Fixture.sign(Fixture.original([(name, "1")]), keys[2]), "manifest_signer_not_party"),
            (
                try Fixture.sign(endorsed.replacing("work-1", with: "work-2"), keys[1]),
                "manifest_platform_signature_invalid"
            ),
            (try Fixture.sign(Fixture.original([(name, "0.7"), (other, "0.7")]), keys[1]), "weights_exceed_one"),
        ]
        for (text, code) in cases {
            let link = try Fixture.parse(text)
            let between = try manifest([(self.link(link), "0.1")], by: 4)
            for outer in [
                try manifest([(self.link(link), "0.1")], by: 0), try manifest([], extra: derived(from: [link]), by: 0),
                try manifest([(self.link(between), "0.1")], by: 0),
            ] {
                let refused = error(outer, with: [link, between])
                #expect(refused?.code == "chain_invalid")
                guard case .chainInvalid(link.cid, let inner) = refused else {
                    Issue.record("\(code): the refusal names another link")
                    continue
                }
                #expect(inner.code == code)
                #expect(refused?.reason.contains(code) == true)
            }
        }
    }

    @Test("a required platform signature is required of every link")
    func platformOfLinks() throws {
        let inner = try manifest([], by: 1)
        let outer = try Fixture.sign(
            Fixture.sign(Fixture.original([(keys[0].name, "0.5"), (link(inner), "0.5")]), keys[0]), keys[3],
            as: .platform)
        #expect(try Fixture.code(outer, with: [inner]) == nil)
        #expect(try Fixture.code(outer, with: [inner], platform: .required(by: [])) == "chain_invalid")
    }

    @Test("a store that answers with another manifest is not believed, and one that answers in circles is refused")
    func lyingStore() throws {
        let outer = try manifest([(link(try manifest([], by: 1)), "0.5")], by: 0)
        let other = try manifest([], by: 2)
        let swapped = #expect(throws: ManifestError.self) {
            try ManifestVerifier.verify(outer, resolving: { _ in other })
        }
        #expect(swapped?.code == "chain_invalid")
        let circle = #expect(throws: ManifestError.self) {
            try ManifestVerifier.verify(outer, resolving: { _ in outer })
        }
        #expect(circle == .chainCycle(outer.contributors[1].link ?? outer.cid))
        #expect(circle?.code == "chain_cycle")
    }

    @Test("what a link leaves over is its own owner's, not the root's and not a delegate's")
    func residualOfLink() throws {
        let text = Fixture.newer([(keys[2].name, "0.2")], owner: "did:imajin:event:e1")
        let owned = try Fixture.signed(text, keys[1])
        let outer = try manifest([(link(owned), "0.5")], by: 0)
        let verified = try ManifestVerifier.verify(outer, resolving: { _ in owned }, keys: AnyDelegate())
        let plan = try SplitPlan(verified, right: nil)
        #expect(plan.lines.map(\.did.string) == [keys[0].name, keys[2].name, "did:imajin:event:e1"])
        #expect(plan.lines.map(\.weightText) == ["1/2", "1/10", "2/5"])
    }

    private struct AnyDelegate: KeyResolver {
        func keys(for did: DID) -> KeyLookup { DIDKeyResolver().keys(for: did) }
        func isDelegate(_ did: DID, of owner: DID) -> Bool { true }
    }
}
