public import Cryptography

/// A key as an identity lists it: its name and its material as text, which is decoded only when it is used. The
/// protocol lets an identity list material that is no key; such an entry signs nothing.
public struct Multikey: Hashable, Sendable {
    /// The only type there is.
    public static let type = "Multikey"
    /// The multicodec of an Ed25519 public key, as it stands before the key.
    static let codec: [UInt8] = [0xed, 0x01]
    /// Multibase's mark of base58btc.
    static let multibase = "z"
    /// The characters of an Ed25519 key: `z` and at most 47 digits for 34 bytes. Longer ones are not looked at.
    static let characterCountMax = 48

    /// What the identity calls it.
    public let id: KeyID
    /// The material: `z` and base58btc of `ed 01` and the 32 bytes.
    public let publicKeyMultibase: String

    /// Takes an entry as it stands.
    public init(id: KeyID, publicKeyMultibase: String) {
        self.id = id
        self.publicKeyMultibase = publicKeyMultibase
    }

    /// The entry of a key; without `id` under its conventional name.
    public init(_ key: Ed25519PublicKey, id: KeyID? = nil) {
        self.id = id ?? KeyID(conventionalFor: key)
        publicKeyMultibase = Self.encode(key)
    }

    /// The multibase text of a key.
    public static func encode(_ key: Ed25519PublicKey) -> String {
        multibase + Base58.encode(codec + key.rawBytes)
    }

    /// The key that a multibase text stands for. Throws `multikeyInvalid`, also for a key of small order or in a
    /// second encoding, which the reference takes: one signature by such a key would be good for many messages.
    public static func decode(_ text: String) throws(ProofError) -> Ed25519PublicKey {
        guard text.utf8.count <= characterCountMax, text.utf8.first == multibase.utf8.first,
            let bytes = Base58.decode(String(text.dropFirst())),
            bytes.count == codec.count + Ed25519PublicKey.byteCount, bytes.starts(with: codec)
        else { throw ProofError(.multikeyInvalid) }
        do {
            return try Ed25519PublicKey(rawBytes: bytes[codec.count...])
        } catch {
            throw ProofError(.multikeyInvalid)
        }
    }

    /// The key. Throws `multikeyInvalid`.
    public func publicKey() throws(ProofError) -> Ed25519PublicKey {
        try Self.decode(publicKeyMultibase)
    }

    /// Whether both have the same material.
    public func isSameMaterial(as other: Multikey) -> Bool {
        publicKeyMultibase.utf8.elementsEqual(other.publicKeyMultibase.utf8)
    }

    /// Whether both are the same name and material, byte for byte.
    public static func == (left: Multikey, right: Multikey) -> Bool {
        left.id == right.id && left.isSameMaterial(as: right)
    }

    /// Hashes name and material.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(KeyID(publicKeyMultibase))
    }
}
