import Cryptography

/// The limits of DFOS protocol v1, and those of this node where the protocol has none.
///
/// The protocol's are part of a verdict: an operation past one of them is invalid everywhere. The node's only keep
/// hostile input cheap, and lie past what a valid operation needs.
public enum ProofLimits {
    /// Keys in one role of one operation.
    public static let keysPerRole = 256
    /// Entries in `services`.
    public static let services = 256
    /// `services` as dag-cbor, in bytes.
    public static let servicesBytes = 32_768
    /// The payload of an identity or content operation as dag-cbor, in bytes; a content operation's without its
    /// `authorization`.
    public static let operationBytes = 65_536
    /// The payload of an artifact as dag-cbor, in bytes.
    public static let artifactBytes = 16_384
    /// A countersignature's `relation` in UTF-8 bytes. The references count differently past ASCII (UTF-16 units, and
    /// bytes); bytes are the stricter count, so what passes here passes everywhere.
    public static let relationBytes = 64
    /// A credential as a token, in bytes.
    public static let credentialBytes = 262_144
    /// Entries in a credential's `att`.
    public static let attenuations = 32
    /// Credentials from leaf to root, both counted.
    public static let delegationDepth = 16
    /// How long an authentication token may live, in seconds.
    public static let authTokenSeconds: Int64 = 86_400
    /// How far ahead of a relay's clock `createdAt` may lie, in milliseconds: 24 hours.
    public static let futureMs: Int64 = 86_400_000

    /// A whole token in bytes (the node's). 64 KiB of dag-cbor with every character escaped, beside a credential of
    /// 256 KiB, takes some 900 KB in base64url; white space can make more of it and has no other use.
    public static let tokenBytes = 1 << 20
    /// A header: key identifiers have no limit of their own but the operation's that declares them (the node's).
    static let header = JSONLimits.deep(depth: 64, members: 1_024, bytes: 1 << 19)
    /// A payload: 1,024 levels as in the reference, members as many as 64 KiB can hold (the node's).
    static let payload = JSONLimits.deep(depth: 1_024, members: 80_000, bytes: 1 << 20)
}
