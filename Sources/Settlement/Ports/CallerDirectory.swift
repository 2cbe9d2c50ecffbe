public import Cryptography

/// What a service may do at pay.
public enum Scope: String, Hashable, Sendable, CaseIterable {
    /// Request settlements and charge gas.
    case settle
    /// Give settlements back.
    case refund
    /// Read every balance and transaction.
    case read
}

/// Whose balances a service may spend without the payer's word.
public enum SpendsFrom: Hashable, Sendable {
    /// Nobody's: the payer signs an authorization or sets an allowance.
    case consentOnly
    /// Everybody's.
    case any
    /// This DID's.
    case payer(DID)

    /// As stored and typed: empty, `any`, or a DID.
    public var text: String {
        switch self {
        case .consentOnly: ""
        case .any: "any"
        case .payer(let did): did.string
        }
    }

    /// Reads what `text` writes; `nil` when it is neither.
    public init?(text: String) {
        switch text {
        case "": self = .consentOnly
        case "any": self = .any
        default:
            guard let did = try? DID(text) else { return nil }
            self = .payer(did)
        }
    }
}

/// The operator's word on a calling service.
public struct CallerGrant: Hashable, Sendable {
    /// The service's DID.
    public let did: DID
    /// A name for people.
    public let name: String
    /// What it may do.
    public let scopes: Set<Scope>
    /// Whose balances it may spend.
    public let spendsFrom: SpendsFrom
    /// Largest single settlement, minor units; `nil`: no bound.
    public let maxAmountMinor: Int64?

    /// A grant.
    public init(
        did: DID, name: String, scopes: Set<Scope>, spendsFrom: SpendsFrom = .consentOnly, maxAmountMinor: Int64? = nil
    ) {
        self.did = did
        self.name = name
        self.scopes = scopes
        self.spendsFrom = spendsFrom
        self.maxAmountMinor = maxAmountMinor
    }
}

/// Who may call. Asked on every request, so it answers from memory; a change reaches it within milliseconds.
public protocol CallerDirectory: Sendable {
    /// The grant of a DID; `nil` when it has none or lost it.
    func grant(for did: DID) -> CallerGrant?
}
