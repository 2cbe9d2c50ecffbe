import Cryptography

/// What a shape calls the members of an entry.
struct ContributorNames {
    let id: String
    let weight: String
    /// What the other shapes call the same things.
    let otherID: String
    let otherWeight: String
    /// Whether an entry may have a name only, as the platform entries of 1.1 do.
    let allowsNameOnly: Bool

    init(_ shape: ManifestShape) {
        switch shape {
        case .v0_3: (id, weight, otherID, otherWeight, allowsNameOnly) = ("id", "weight", "did", "share", false)
        case .v1_0: (id, weight, otherID, otherWeight, allowsNameOnly) = ("did", "share", "id", "weight", false)
        case .v1_1: (id, weight, otherID, otherWeight, allowsNameOnly) = ("did", "share", "id", "weight", true)
        }
    }

    /// Reads a list of entries.
    /// - Parameters:
    ///   - value: the JSON array.
    ///   - path: where it stands, for messages.
    ///   - hasOwner: whether what an empty list leaves over has somebody to go to.
    func contributors(_ value: JSONValue, at path: String, hasOwner: Bool) throws(ManifestError) -> [Contributor] {
        guard value.kind == .array else { throw .malformed("\(path) is not a list") }
        guard value.count <= ManifestLimits.contributorsMax else {
            throw .malformed("\(path) has more than \(ManifestLimits.contributorsMax) entries")
        }
        guard value.count > 0 || hasOwner else { throw .malformed("\(path) is empty, and there is no owner") }
        var contributors: [Contributor] = []
        contributors.reserveCapacity(value.count)
        for entry in value.elements {
            contributors.append(try contributor(entry, at: "\(path)[\(contributors.count)]"))
        }
        return contributors
    }

    private func contributor(_ entry: JSONValue, at path: String) throws(ManifestError) -> Contributor {
        guard entry.kind == .object else { throw .malformed("\(path) is not an object") }
        return Contributor(
            party: try party(entry, at: path),
            role: try Manifest.text(entry["role"], at: "\(path).role", bytesMax: ManifestLimits.nameBytesMax),
            weight: try weight(entry, at: path))
    }

    private func party(_ entry: JSONValue, at path: String) throws(ManifestError) -> Contributor.Party {
        guard let value = entry[id], !value.isNull else {
            guard allowsNameOnly, let name = entry["name"] else { throw .malformed("\(path).\(id) is missing") }
            return .name(try Manifest.text(name, at: "\(path).name", bytesMax: ManifestLimits.idBytesMax))
        }
        let text = try Manifest.text(value, at: "\(path).\(id)", bytesMax: ManifestLimits.idBytesMax)
        // An `id` of the newer shapes may be any label; only one that names somebody can contradict `did`.
        if let other = entry[otherID]?.string, !value.stringEquals(other),
            otherID == "did" || other.utf8.starts(with: "did:".utf8) || other.utf8.starts(with: "fair:".utf8)
        {
            throw .malformed("\(path) names two parties, in \(id) and in \(otherID)")
        }
        return try Contributor.Party(id: text)
    }

    private func weight(_ entry: JSONValue, at path: String) throws(ManifestError) -> Weight {
        guard let weight = entry[weight].flatMap(Self.weight) else {
            throw .malformed(
                "\(path).\(weight) is not a number from 0 to 1 with at most \(Weight.decimalsMax) decimals")
        }
        if let other = entry[otherWeight], Self.weight(other) != weight {
            throw .malformed("\(path) states two weights, in \(self.weight) and in \(otherWeight)")
        }
        return weight
    }

    private static func weight(_ value: JSONValue) -> Weight? {
        value.numberText.flatMap { ECMAScriptNumber.text(of: $0) }.flatMap { Weight(decimalText: $0) }
    }
}
