import Cryptography

/// A document: its identifier, and the little that the index may say of it. Everything else in it is its readers'
/// concern.
///
/// Source: DFOS WEB-RELAY, well-known projections and credit projection.
struct DocumentFacts: Sendable {
    /// Somebody whom a document says it was made by.
    struct Credit: Sendable {
        /// The place in the document's list.
        let ordinal: Int32
        let did: String
        let role: String?
        let hasClaim: Bool
    }

    static let profile = "https://schemas.dfos.com/profile/v1"
    static let post = "https://schemas.dfos.com/post/v1"

    /// What hashing the document gives.
    let cid: CID
    let schema: String?
    let profileName: String?
    let postTitle: String?
    let credits: [Credit]

    /// How large the JSON of a document may be: one body, and members as many as fit it.
    private static let limits = JSONLimits.deep(
        depth: 1_024, members: 4_000_000, bytes: RelayLimits.body)

    /// Reads a document; nil when it is no JSON whose numbers are all integers, and so hashes to nothing.
    init?(_ body: [UInt8]) {
        guard let document = try? JSONDocument(parsing: body, limits: Self.limits),
            let encoded = try? DAGCBOR.encode(json: document.root)
        else { return nil }
        cid = CID(codec: .dagCBOR, hashing: encoded)
        let root = document.root
        let schema = root["$schema"]?.string
        self.schema = schema
        let isProfile = root["$schema"]?.stringEquals(Self.profile) == true
        let isPost = root["$schema"]?.stringEquals(Self.post) == true
        profileName = isProfile ? Self.text(root["name"]) : nil
        postTitle = isPost ? Self.text(root["title"]) : nil
        credits = isPost ? Self.credits(root["credits"]) : []
    }

    private static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.string, !text.isEmpty else { return nil }
        return text
    }

    private static func credits(_ list: JSONValue?) -> [Credit] {
        guard let list, list.kind == .array else { return [] }
        return list.elements.enumerated().compactMap { ordinal, entry in
            guard let did = entry["did"]?.string, let ordinal = Int32(exactly: ordinal) else { return nil }
            return Credit(
                ordinal: ordinal, did: did, role: entry["role"]?.string, hasClaim: entry["claim"]?.kind == .string)
        }
    }
}
