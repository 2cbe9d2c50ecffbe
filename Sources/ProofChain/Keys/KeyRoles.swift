/// The roles in which an identity lists a key.
public struct KeyRoles: OptionSet, Hashable, Sendable {
    /// One bit for each role.
    public let rawValue: UInt8

    /// Takes the bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `authKeys`; W3C's `authentication`.
    public static let auth = KeyRoles(rawValue: 1)
    /// `assertKeys`; W3C's `assertionMethod`.
    public static let assert = KeyRoles(rawValue: 2)
    /// `controllerKeys`; W3C's `capabilityInvocation`. These alone sign operations of the identity itself.
    public static let controller = KeyRoles(rawValue: 4)
    /// Each by itself, in the order in which a DID document lists them.
    static let each = [auth, assert, controller]
}
