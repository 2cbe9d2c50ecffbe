public import Cryptography

/// The identifier of an identity chain: `did:dfos:` and a ``ChainIdentifier``. It is the hash of its genesis
/// operation, so that whoever has the log can check it.
public struct DFOSDID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// What every one begins with.
    public static let prefix = "did:dfos:"

    /// The part behind the prefix.
    public let identifier: ChainIdentifier

    /// Reads a DID. Throws `identifierInvalid` for every other form, a DID URL among them.
    public init(_ string: String) throws(ProofError) {
        let bytes = string.utf8
        guard bytes.starts(with: Self.prefix.utf8) else { throw ProofError(.identifierInvalid, string) }
        guard let identifier = try? ChainIdentifier(utf8: bytes.dropFirst(Self.prefix.utf8.count)) else {
            throw ProofError(.identifierInvalid, string)
        }
        self.identifier = identifier
    }

    /// The DID of the identity that begins with this operation.
    public init(genesis: CID) {
        identifier = ChainIdentifier(genesis: genesis)
    }

    /// The whole DID.
    public var string: String { Self.prefix + identifier.string }

    /// The whole DID.
    public var description: String { string }

    /// Whether `left` comes first in byte order.
    public static func < (left: DFOSDID, right: DFOSDID) -> Bool { left.identifier < right.identifier }
}
