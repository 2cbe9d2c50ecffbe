import BigInt
import Cryptography
import Kernel

/// A tree of manifests made at random, kept beside its JSON so that an oracle can divide it by other means.
final class RandomManifest {
    /// One entry: a payee or a manifest, and its weight's text.
    struct Entry {
        let payee: String
        let child: RandomManifest?
        let weight: String
    }

    let entries: [Entry]
    let owner: String?
    let signer: TestKey
    let manifest: Manifest
    let depth: Int

    init(_ random: inout SeededRandom, keys: [TestKey], pool: [RandomManifest], countMax: Int) throws {
        let weights = RandomWeights.list(&random, countMax: countMax)
        signer = keys[random.int(0...keys.count - 1)]
        let hasOwner = random.chance(50)
        let owner = hasOwner ? (random.chance(70) ? signer : keys[0]).name : nil
        let signer = signer
        var entries: [Entry] = []
        for (index, weight) in weights.enumerated() {
            // Whoever signs without an owner has to be a contributor.
            if index == 0 {
                entries.append(Entry(payee: signer.name, child: nil, weight: weight))
            } else if random.chance(15), let child = pool.randomElement(using: &random) {
                entries.append(Entry(payee: "fair:" + child.manifest.cid.string, child: child, weight: weight))
            } else {
                entries.append(Entry(payee: keys[random.int(0...keys.count - 1)].name, child: nil, weight: weight))
            }
        }
        let extra = owner.map { #","owner":"\#($0)""# } ?? ""
        let author = owner == keys[0].name ? keys[0] : signer
        manifest = try Fixture.signed(
            Fixture.original(entries.map { ($0.payee, $0.weight) }, extra: extra), author)
        self.entries = entries
        self.owner = owner
        depth = (entries.compactMap { $0.child?.depth }.max() ?? -1) + 1
    }

    /// What is left of the weights goes here.
    var beneficiary: String { owner ?? signer.name }

    /// Every manifest below this one.
    var descendants: [Manifest] {
        entries.compactMap(\.child).flatMap { [$0.manifest] + $0.descendants }
    }
}

/// Lists of weights as people and programs write them.
enum RandomWeights {
    static func list(_ random: inout SeededRandom, countMax: Int) -> [String] {
        written(&random, countMax: countMax).map(shortened)
    }

    private static func written(_ random: inout SeededRandom, countMax: Int) -> [String] {
        let count = random.chance(90) ? random.int(1...min(8, countMax)) : random.int(1...countMax)
        switch random.int(0...5) {
        case 0: return floats(&random, count: count)
        case 1: return decimals(&random, count: count, digits: 2)
        case 2: return decimals(&random, count: count, digits: random.int(3...18))
        case 3: return equal(count: count)
        case 4: return tiny(&random, count: count)
        default: return decimals(&random, count: count, digits: random.int(1...15)).map { random.chance(20) ? "0" : $0 }
        }
    }

    /// Doubles divided by their sum, as a program without decimals does it: they sum to about one.
    private static func floats(_ random: inout SeededRandom, count: Int) -> [String] {
        let parts = (0..<count).map { _ in Double.random(in: 0.01...1, using: &random) }
        let sum = parts.reduce(0, +)
        return parts.map { "\($0 / sum)" }
    }

    /// 1/n for everybody, as a double.
    private static func equal(count: Int) -> [String] {
        Array(repeating: "\(1 / Double(count))", count: count)
    }

    /// Decimals of so many digits whose sum is at most one, and mostly exactly one.
    private static func decimals(_ random: inout SeededRandom, count: Int, digits: Int) -> [String] {
        let whole = (0..<digits).reduce(UInt64(1)) { power, _ in power * 10 }
        var left = whole
        var parts: [UInt64] = []
        for index in 0..<count {
            let isLast = index == count - 1 && random.chance(70)
            let part = isLast ? left : UInt64.random(in: 0...left, using: &random) / UInt64(count - index)
            parts.append(part)
            left -= part
        }
        return parts.map { part in
            guard part < whole else { return "1" }
            let text = String(part)
            return "0." + String(repeating: "0", count: digits - text.count) + text
        }
    }

    /// Weights in exponent form.
    private static func tiny(_ random: inout SeededRandom, count: Int) -> [String] {
        (0..<count).map { _ in "\(random.int(0...9))e-\(random.int((count > 9 ? 4 : 2)...18))" }
    }

    /// The same weight, or its first twelve decimals where the nearest double's text has more than 18.
    private static func shortened(_ text: String) -> String {
        guard let canonical = ECMAScriptNumber.text(of: text), Weight(decimalText: canonical) == nil,
            let value = Double(text)
        else { return text }
        return "\((value * 1e12).rounded(.down) / 1e12)"
    }
}
