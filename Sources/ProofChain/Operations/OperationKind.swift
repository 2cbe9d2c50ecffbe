/// What a token of the protocol is, told by its header's `typ`.
public enum OperationKind: String, Hashable, Sendable, CaseIterable {
    /// A step of an identity chain.
    case identity = "did:dfos:identity-op"
    /// A step of a content chain.
    case content = "did:dfos:content-op"
    /// A statement that stands alone.
    case artifact = "did:dfos:artifact"
    /// A witness's signature under another operation.
    case countersign = "did:dfos:countersign"
    /// Permission, from an issuer to an audience.
    case credential = "did:dfos:credential"
    /// The end of a credential.
    case revocation = "did:dfos:revocation"

    /// The header's `typ`.
    public var typ: String { rawValue }

    /// The kind of a header's `typ`, compared as bytes; nil for every other text.
    init?(typ: String) {
        guard let kind = Self.allCases.first(where: { $0.rawValue.utf8.elementsEqual(typ.utf8) }) else { return nil }
        self = kind
    }

    /// The word that relays use: `identity-op`, `content-op`, `artifact`, `countersign`, `credential`, `revocation`.
    public var relayName: String { String(rawValue.dropFirst(DFOSDID.prefix.count)) }
}
