public import Cryptography

/// What a node asks of a manifest's platform signature.
public enum PlatformPolicy: Hashable, Sendable {
    /// It may be missing; where present it must verify.
    case ifPresent
    /// It must be there, verify, and be by one of these DIDs; by any DID where the list is empty.
    case required(by: [DID])
}
