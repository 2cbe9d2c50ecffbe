public import Cryptography
public import Kernel

/// Names for tests. Soft DIDs: they hold balances and need no key.
public enum People {
    /// A person by name: `did:imajin:soft:<name>`.
    public static func did(_ name: String) -> DID {
        do {
            return try DID(kind: .soft, id: name)
        } catch {
            preconditionFailure("\(name) makes no DID")
        }
    }

    /// The node that issues attestations.
    public static let node = did("node")
    /// Payers and payees.
    public static let ada = did("ada"), bob = did("bob"), cyd = did("cyd"), dan = did("dan")
    /// A calling service.
    public static let shop = did("shop")

    /// A book for tests.
    public static let book = BookIdentity(bookID: 1, name: "test", node: node)
    /// An instant: 2026-03-31T12:00:00Z.
    public static let noonMs: Int64 = 1_774_958_400_000
}
