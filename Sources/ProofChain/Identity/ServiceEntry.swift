public import Cryptography

/// One entry of an identity's `services`: where to find what belongs to it. The types are an open list; entries of an
/// unknown one are kept whole and mean nothing here.
public struct ServiceEntry: Hashable, Sendable {
    /// The type of a relay's address.
    public static let relayType = "DfosRelay"
    /// The type of a reference to content.
    public static let anchorType = "ContentAnchor"

    /// The entry with all its members.
    public let members: CBORMap

    /// Takes an entry. Throws `serviceInvalid` unless `id` and `type` are non-empty strings, a `DfosRelay` has a
    /// non-empty `endpoint`, and a `ContentAnchor` a non-empty `label` and an `anchor` of a known form.
    public init(members: CBORMap) throws(ProofError) {
        self.members = members
        guard !id.isEmpty else { throw ProofError(.serviceInvalid, "id") }
        guard !type.isEmpty else { throw ProofError(.serviceInvalid, "type") }
        if isType(Self.relayType) {
            guard let endpoint, !endpoint.isEmpty else { throw ProofError(.serviceInvalid, "endpoint") }
        } else if isType(Self.anchorType) {
            guard let label = text("label"), !label.isEmpty else { throw ProofError(.serviceInvalid, "label") }
            guard anchor != nil else { throw ProofError(.serviceInvalid, "anchor") }
        }
    }

    /// The entry of a relay. Throws `serviceInvalid` when a text is empty.
    public static func relay(id: String, endpoint: String) throws(ProofError) -> ServiceEntry {
        try make([("id", .text(id)), ("type", .text(relayType)), ("endpoint", .text(endpoint))])
    }

    /// The entry of a reference to content. Throws `serviceInvalid` when a text is empty or no anchor.
    public static func anchor(id: String, label: String, anchor: String) throws(ProofError) -> ServiceEntry {
        try make([
            ("id", .text(id)), ("type", .text(anchorType)), ("label", .text(label)), ("anchor", .text(anchor)),
        ])
    }

    private static func make(_ members: [(String, CBORValue)]) throws(ProofError) -> ServiceEntry {
        guard let map = try? CBORMap(members) else { throw ProofError(.serviceInvalid) }
        return try ServiceEntry(members: map)
    }

    /// Its name within the identity.
    public var id: String { text("id") ?? "" }

    /// What it is.
    public var type: String { text("type") ?? "" }

    /// Whether it is of a type, compared as bytes.
    public func isType(_ other: String) -> Bool { type.utf8.elementsEqual(other.utf8) }

    /// A relay's address; nil where there is none.
    public var endpoint: String? { text("endpoint") }

    /// A reference's label; nil where there is none.
    public var label: String? { text("label") }

    /// What a reference points to; nil where there is none of a known form.
    public var anchor: ContentAnchor? { text("anchor").flatMap { ContentAnchor($0) } }

    private func text(_ name: String) -> String? {
        if case .text(let text) = members[name] { return text }
        return nil
    }
}

extension ServiceEntry {
    /// Reads the `services` of an operation. Throws `serviceInvalid` (also for one `id` twice), `servicesTooMany`,
    /// `servicesTooLarge`.
    static func read(_ list: JSONValue) throws(ProofError) -> [ServiceEntry] {
        guard list.kind == .array else { throw ProofError(.serviceInvalid) }
        guard list.count <= ProofLimits.services else { throw ProofError(.servicesTooMany, String(list.count)) }
        let bytes: [UInt8]
        let value: CBORValue
        do {
            bytes = try DAGCBOR.encode(json: list)
            guard bytes.count <= ProofLimits.servicesBytes else {
                throw ProofError(.servicesTooLarge, String(bytes.count))
            }
            // Nesting is at most the payload's depth, and the decoder's own limit lies below what its stack bears.
            value = try DAGCBOR.decode(bytes, limits: CBORLimits(depth: CBORLimits.depthCeiling, items: bytes.count))
        } catch let error as ProofError {
            throw error
        } catch {
            throw ProofError(.serviceInvalid, (error as? CBORError)?.code ?? "")
        }
        return try read(value)
    }

    /// Reads entries from a value. Throws as ``read(_:)-(JSONValue)`` does.
    static func read(_ value: CBORValue) throws(ProofError) -> [ServiceEntry] {
        guard case .array(let values) = value else { throw ProofError(.serviceInvalid) }
        var entries: [ServiceEntry] = []
        var names: Set<KeyID> = []
        for value in values {
            guard case .map(let members) = value else { throw ProofError(.serviceInvalid) }
            let entry = try ServiceEntry(members: members)
            guard names.insert(KeyID(entry.id)).inserted else { throw ProofError(.serviceInvalid, "id") }
            entries.append(entry)
        }
        return entries
    }
}
