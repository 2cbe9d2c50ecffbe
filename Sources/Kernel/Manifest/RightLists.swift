import Cryptography

/// The lists of 1.0 and 1.1 that divide single rights, as parsed.
struct RightLists {
    private(set) var rights: [Manifest.Right] = []
    private(set) var distributions: [Contributor]?

    /// A manifest without any.
    init() {}

    /// Collects `distributions`, `distribution.<right>.splits`, and `splits` of any other top-level object, such as
    /// `transfer.splits`.
    /// - Throws: `manifest_malformed` for a list that is not one, or two for one right that differ.
    init(_ value: JSONValue, _ names: ContributorNames, hasOwner: Bool) throws(ManifestError) {
        if let list = value["distributions"], !list.isNull {
            distributions = try names.contributors(list, at: "distributions", hasOwner: hasOwner)
        }
        for (name, member) in value.members where member.kind == .object {
            if name.utf8.elementsEqual("distribution".utf8) {
                for (right, terms) in member.members where terms.kind == .object {
                    try add(right, terms, names, at: "distribution.\(right).splits", hasOwner: hasOwner)
                }
            }
            try add(name, member, names, at: "\(name).splits", hasOwner: hasOwner)
        }
    }

    private mutating func add(
        _ name: String, _ terms: JSONValue, _ names: ContributorNames, at path: String, hasOwner: Bool
    ) throws(ManifestError) {
        guard let list = terms["splits"], !list.isNull else { return }
        guard (1...ManifestLimits.nameBytesMax).contains(name.utf8.count) else {
            throw .malformed("a right's name is empty or longer than \(ManifestLimits.nameBytesMax) bytes")
        }
        let contributors = try names.contributors(list, at: path, hasOwner: hasOwner)
        if let known = rights.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
            guard known.contributors == contributors else {
                throw .malformed("two lists divide the right \(name), and they contradict each other")
            }
            return
        }
        guard rights.count < ManifestLimits.rightsMax else {
            throw .malformed("more than \(ManifestLimits.rightsMax) rights have lists of their own")
        }
        rights.append(Manifest.Right(name: name, contributors: contributors))
    }
}
