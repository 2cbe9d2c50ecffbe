import Cryptography
import Kernel
import Testing

@Suite("Damaged manifests")
struct ManifestMutationTests {
    @Test("no damage to a signed manifest traps, and none that changes what was signed verifies")
    func damaged() throws {
        var random = SeededRandom(printingFor: "damaged manifests")
        let (owner, other) = (TestKey(1), TestKey(2))
        let inner = try Fixture.signed(Fixture.original([(other.name, "0.5")]), other)
        let extra = #","transfer":{"splits":\#(Fixture.shares([(other.name, "1")]))},"title":"é\n""#
        let texts = [
            try Fixture.sign(
                Fixture.original([(owner.name, "0.30000000000000004"), ("fair:\(inner.cid)", "0.7")]), owner),
            try Fixture.sign(
                Fixture.sign(
                    Fixture.newer([(other.name, "1e-7")], fair: "1.1", owner: owner.name, extra: extra), owner),
                other, as: .platform),
        ].map { Array($0.utf8) }
        let cids = try texts.map { try Manifest.parse(JSONDocument(parsing: $0).root).cid }
        var verified = 0
        for _ in 0..<30_000 {
            let index = random.int(0...1)
            let damaged = damage(texts[index], &random)
            guard let value = try? JSONDocument(parsing: damaged).root, let manifest = try? Manifest.parse(value),
                let valid = try? Fixture.verify(manifest, with: [inner])
            else { continue }
            verified += 1
            if valid.cid != cids[index] { Issue.record("other content verifies, seed \(random.seed)") }
            _ = try? SplitPlan(valid, right: "transfer").split(amountMinor: 1_000)
        }
        #expect(verified < 30_000)
    }

    /// One to three bytes changed, left out, doubled or replaced by a piece of JSON.
    private func damage(_ text: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var text = text
        for _ in 0..<random.int(1...3) {
            let index = random.int(0...text.count - 1)
            switch random.int(0...3) {
            case 0: text[index] = UInt8(random.int(0...255))
            case 1: text.remove(at: index)
            case 2: text.insert(text[index], at: index)
            default:
                let pieces = ["null", "[]", "{}", "-1", "1e308", "\"\"", "9", "0", ",", "\\u0000", " "]
                text.replaceSubrange(index...index, with: Array(pieces[random.int(0...pieces.count - 1)].utf8))
            }
        }
        return text
    }
}
