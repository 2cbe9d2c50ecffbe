/// A key of an identity, as a token's `kid` names it: `<did>#<key id>`, divided at the first `#`.
public struct KeyReference: Hashable, Sendable, CustomStringConvertible {
    /// The identity.
    public let did: DFOSDID
    /// The key.
    public let keyID: KeyID

    /// Names a key.
    public init(did: DFOSDID, keyID: KeyID) {
        self.did = did
        self.keyID = keyID
    }

    /// Reads a `kid`. Throws `signerNotURL` without a `#`, `identifierInvalid` when no DID stands before it.
    public init(_ kid: String) throws(ProofError) {
        guard let parts = Self.split(kid) else { throw ProofError(.signerNotURL) }
        did = try DFOSDID(parts.did)
        keyID = KeyID(parts.keyID)
    }

    /// What stands before and behind the first `#`; nil without one.
    static func split(_ kid: String) -> (did: String, keyID: String)? {
        guard let mark = kid.utf8.firstIndex(of: UInt8(ascii: "#")) else { return nil }
        return (String(kid[..<mark]), String(kid[kid.utf8.index(after: mark)...]))
    }

    /// The whole DID URL.
    public var string: String { did.string + "#" + keyID.string }

    /// The whole DID URL.
    public var description: String { string }
}
