public import Cryptography

extension Manifest {
    /// Members that the signatures do not cover.
    static let signatureNames = ["signature", "platformSignature"]

    /// Reads a manifest of any shape.
    /// - Throws: `manifest_malformed` with what is wrong and where.
    public static func parse(_ value: JSONValue) throws(ManifestError) -> Manifest {
        guard value.kind == .object else { throw .malformed("a manifest is a JSON object") }
        let shape = try ManifestShape(value)
        let id = try text(value["id"], at: "id", bytesMax: ManifestLimits.idBytesMax)
        let owner = try owner(value, shape)
        let names = ContributorNames(shape)
        let contributors = try contributors(value, shape, names, hasOwner: owner != nil)
        let rights = try shape == .v0_3 ? RightLists() : RightLists(value, names, hasOwner: owner != nil)
        let bare = owner ?? contributors.first?.did
        let signedBytes = signedBytes(of: value)
        return Manifest(
            id: id, shape: shape,
            type: try optionalText(value["type"], at: "type"),
            title: try optionalText(value["title"], at: "title"),
            owner: owner, contributors: contributors, rights: rights.rights, distributions: rights.distributions,
            derivedFrom: try derivedFrom(value),
            signature: try ManifestSignature(value["signature"], at: "signature", bareSigner: bare),
            platformSignature: try ManifestSignature(
                value["platformSignature"], at: "platformSignature", bareSigner: bare),
            signedBytes: signedBytes, cid: CID(codec: .raw, hashing: signedBytes))
    }

    /// What a manifest's signatures cover, also of one that does not parse: RFC 8785 without the two top-level
    /// signature members, in UTF-8.
    public static func signedBytes(of value: JSONValue) -> [UInt8] {
        value.canonicalBytes(omitting: signatureNames)
    }

    /// The CID of a manifest's signed bytes, also of one that does not parse.
    public static func cid(of value: JSONValue) -> CID {
        CID(codec: .raw, hashing: signedBytes(of: value))
    }

    /// A string that is present and not empty.
    static func text(_ value: JSONValue?, at path: String, bytesMax: Int) throws(ManifestError) -> String {
        guard let value else { throw .malformed("\(path) is missing") }
        guard let text = value.string else { throw .malformed("\(path) is not a string") }
        guard (1...bytesMax).contains(text.utf8.count) else {
            throw .malformed("\(path) is empty or longer than \(bytesMax) bytes")
        }
        return text
    }

    private static func optionalText(_ value: JSONValue?, at path: String) throws(ManifestError) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.string else { throw .malformed("\(path) is not a string") }
        return text
    }

    private static func owner(_ value: JSONValue, _ shape: ManifestShape) throws(ManifestError) -> DID? {
        guard let member = value["owner"], !member.isNull else {
            guard shape != .v1_0 else { throw .malformed("owner is missing") }
            return nil
        }
        guard let owner = member.string.flatMap({ try? DID($0) }) else { throw .malformed("owner is not a DID") }
        return owner
    }

    private static func contributors(
        _ value: JSONValue, _ shape: ManifestShape, _ names: ContributorNames, hasOwner: Bool
    ) throws(ManifestError) -> [Contributor] {
        // 1.0 calls the same list `chain` as well; in 1.1 that is a fee schedule.
        let alias = shape == .v1_0 ? value["chain"] : nil
        guard let list = value[shape.listName] ?? alias else { throw .malformed("\(shape.listName) is missing") }
        let contributors = try names.contributors(list, at: shape.listName, hasOwner: hasOwner)
        if let alias, value[shape.listName] != nil {
            let same = try names.contributors(alias, at: "chain", hasOwner: hasOwner)
            guard same == contributors else { throw .malformed("attribution and chain contradict each other") }
        }
        return contributors
    }
}
