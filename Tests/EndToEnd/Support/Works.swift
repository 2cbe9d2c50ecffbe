import Foundation
import Kernel

/// Manifests of a few people, and what is wrong with some of them.
struct Works {
    let artist = Person()
    let producer = Person()
    let stranger = Person()
    let platform = Person()

    /// Two contributors; the artist signs.
    func standard(id: String = "urn:test:\(UUID().uuidString)") throws -> String {
        try artist.sign(unsigned(id: id))
    }

    func unsigned(id: String = "urn:test:\(UUID().uuidString)", _ weights: (String, String) = ("0.6", "0.4")) -> String
    {
        Text.manifest([(artist.did, weights.0), (producer.did, weights.1)], id: id)
    }

    /// Passes half of its share on to another manifest.
    func link(to manifest: String) throws -> String {
        let link = "fair:" + (try Text.cid(manifest))
        return try artist.sign(Text.manifest([(artist.did, "0.5"), (link, "0.5")]))
    }

    /// A manifest that many links deep leads to one of the artist, and those on the way.
    func chain(links: Int) throws -> (root: String, rest: [String]) {
        var all = [try standard()]
        for _ in 0..<links { all.append(try link(to: all[all.count - 1])) }
        return (all.removeLast(), all)
    }

    /// With the last digit of a signature's first value changed.
    static func spoilt(_ manifest: String, _ name: String = "signature") -> String {
        guard let member = manifest.range(of: "\"\(name)\":"),
            let value = manifest.range(
                of: #""value":"[0-9a-f]{128}"#, options: .regularExpression,
                range: member.upperBound..<manifest.endIndex)
        else { return manifest }
        let digit = manifest[manifest.index(before: value.upperBound)]
        let other = digit == "0" ? "1" : "0"
        return manifest.replacingCharacters(
            in: manifest.index(before: value.upperBound)..<value.upperBound, with: other)
    }
}
