/// One permission of a credential: what may be done with what.
public struct Attenuation: Hashable, Sendable {
    /// What it is about, as `type:id`: `chain:<content id>`, or `chain:*` for every chain of the root issuer.
    public let resource: String
    /// The actions, divided by commas: `read`, `write`, `read,write`.
    public let action: String

    /// The prefix of content chains.
    static let chainPrefix = "chain:"
    /// Every content chain of whoever issued the root credential.
    public static let everyChain = "chain:*"

    /// Takes the texts as they stand.
    public init(resource: String, action: String) {
        self.resource = resource
        self.action = action
    }

    /// Permission on one content chain.
    public static func chain(_ id: ContentID, _ action: String) -> Attenuation {
        Attenuation(resource: chainPrefix + id.string, action: action)
    }

    /// The resource that a content chain is.
    public static func resource(of id: ContentID) -> String { chainPrefix + id.string }

    /// The actions as a set; empty ones count for nothing.
    var actions: Set<KeyID> {
        var actions: Set<KeyID> = []
        for part in action.utf8.split(separator: UInt8(ascii: ",")) {
            let word = part.drop(while: Self.isSpace).reversed().drop(while: Self.isSpace).reversed()
            if !word.isEmpty { actions.insert(KeyID(String(decoding: Array(word), as: UTF8.self))) }
        }
        return actions
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    /// Whether everything that `other` permits is permitted by this too. An entry without a type or without an action
    /// permits nothing and is covered by nothing.
    ///
    /// `chain:*` covers every `chain:`; any other resource covers itself alone, byte for byte.
    func covers(_ other: Attenuation) -> Bool {
        let wanted = other.actions
        guard !wanted.isEmpty, wanted.isSubset(of: actions) else { return false }
        guard other.resource.utf8.contains(UInt8(ascii: ":")) else { return false }
        if resource.utf8.elementsEqual(Self.everyChain.utf8) {
            return other.resource.utf8.starts(with: Self.chainPrefix.utf8)
        }
        return resource.utf8.elementsEqual(other.resource.utf8)
    }

    /// Whether both are the same texts, byte for byte.
    public static func == (left: Attenuation, right: Attenuation) -> Bool {
        left.resource.utf8.elementsEqual(right.resource.utf8) && left.action.utf8.elementsEqual(right.action.utf8)
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(KeyID(resource))
        hasher.combine(KeyID(action))
    }
}

extension Sequence<Attenuation> {
    /// Whether some entry permits an action on a resource.
    public func permits(_ action: String, on resource: String) -> Bool {
        let wanted = Attenuation(resource: resource, action: action)
        return contains { $0.covers(wanted) }
    }

    /// Whether every entry of a child is covered by some entry of these: permission only ever narrows.
    func isNarrowed(to child: some Sequence<Attenuation>) -> Bool {
        child.allSatisfy { wanted in contains { $0.covers(wanted) } }
    }
}
