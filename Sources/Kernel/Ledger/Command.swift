public import Cryptography

/// One request to change the book, with the identity that makes a retry harmless.
///
/// Everything in it was verified before: signatures, manifest, split. What is left for the book to decide is what only
/// the book knows: funds, holds, allowances, duplicates.
public struct Command: Codable, Sendable {
    /// Who asks: a DID's text, or `operator` for the command line.
    public let caller: String
    /// The caller's idempotency key: 1-255 visible ASCII characters.
    public let key: String
    /// SHA-256 of the canonical request body: the same key with another hash is refused.
    public let requestHash: [UInt8]
    /// What to do.
    public let action: Action
    /// Trace of the request, kept with a refusal: a retry is shown the first answer's. Empty: none.
    public var traceID = ""

    /// A command.
    public init(caller: String, key: String, requestHash: [UInt8], action: Action) {
        self.caller = caller
        self.key = key
        self.requestHash = requestHash
        self.action = action
    }

    /// The same command with the trace of the request it came by.
    public func traced(_ traceID: String) -> Command {
        var command = self
        command.traceID = traceID
        return command
    }

    /// Caller and key together.
    public var identity: CommandIdentity { CommandIdentity(caller: caller, key: key) }
}

/// Caller and idempotency key: two commands with the same identity are one.
public struct CommandIdentity: Hashable, Codable, Sendable {
    /// Who asks.
    public let caller: String
    /// The idempotency key.
    public let key: String

    /// An identity.
    public init(caller: String, key: String) {
        self.caller = caller
        self.key = key
    }
}

/// Everything that can change a book.
public enum Action: Codable, Sendable {
    /// Pay a manifest's people from a payer's balance.
    case settle(SettleOrder)
    /// Give back a settlement, whole or in part.
    case refund(RefundOrder)
    /// Reserve money.
    case hold(HoldOrder)
    /// Post, void or expire a hold.
    case resolveHold(ResolveHoldOrder)
    /// Put money into a balance: development funding, or credit given by the node.
    case fund(FundOrder)
    /// Charge a sender for reaching a recipient.
    case chargeGas(GasOrder)
    /// Set a standing allowance.
    case allow(AllowanceOrder)
    /// Freeze, unfreeze or limit a DID.
    case restrict(RestrictOrder)
    /// Record verified manifests without settling anything: the links of a chain. Each with the owner rule.
    case recordManifests([ManifestRecord])
    /// Move money between two people's balances.
    case transfer(TransferOrder)
    /// Make a payment, payout, refund, dispute, escrow or payee, or move one on.
    case advance(LifecycleOrder)
    /// Store a refusal that was decided before the book was asked.
    case refuse(RefuseOrder)
}

/// A refusal by the manifest or the split: a retry must get it again. If the identity is known, the first answer wins.
public struct RefuseOrder: Codable, Sendable {
    /// HTTP status, 422.
    public let status: Int
    /// Stable code.
    public let code: String
    /// What happened and what to do.
    public let detail: String

    /// A refusal.
    public init(status: Int, code: String, detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }
}

/// By what right money leaves the payer's balance.
public enum Consent: Codable, Hashable, Sendable {
    /// The payer signed the request itself.
    case payer
    /// The operator lets this service spend balances.
    case trustedService
    /// The payer's standing allowance for the calling service.
    case allowance(service: String)
    /// A one-time authorization signed by the payer; `nonce` is spent with it, and may be forgotten after `notAfterMs`.
    /// `token` is the statement itself, a compact JWS, kept with the settlement; nil in commands of before it was.
    case authorization(nonce: String, notAfterMs: Int64, token: String? = nil)
}

/// Where a settlement's money comes from.
public enum Funding: Codable, Hashable, Sendable {
    /// The payer's balance.
    case balance
    /// A payment that a rail confirmed, `pay_…`; all of it.
    case payment(id: String, rail: RailName)
}

/// One payee's merged part, fees excluded.
public struct PayeePart: Codable, Hashable, Sendable {
    /// The payee.
    public let did: DID
    /// Minor units, at least 1.
    public let amountMinor: Int64

    /// A part.
    public init(did: DID, amountMinor: Int64) {
        self.did = did
        self.amountMinor = amountMinor
    }
}

/// A fee as it will be posted.
public struct FeePart: Codable, Hashable, Sendable {
    /// Whose fee.
    public let kind: FeeLine.Kind
    /// Minor units, at least 1.
    public let amountMinor: Int64

    /// A fee.
    public init(kind: FeeLine.Kind, amountMinor: Int64) {
        self.kind = kind
        self.amountMinor = amountMinor
    }
}

/// A manifest to be recorded with the settlement that first uses it.
public struct ManifestRecord: Codable, Hashable, Sendable {
    /// Its CID.
    public let cid: String
    /// The manifest's own `id`.
    public let manifestID: String
    /// Who signed it; a later manifest of the same id by somebody else is refused.
    public let signer: String
    /// The manifest's JSON as received, signatures included.
    public let json: [UInt8]

    /// A record.
    public init(cid: String, manifestID: String, signer: String, json: [UInt8]) {
        self.cid = cid
        self.manifestID = manifestID
        self.signer = signer
        self.json = json
    }
}

/// A verified settlement, ready to post. Parts and fees sum to `grossMinor`.
public struct SettleOrder: Codable, Sendable {
    /// `stl_…`.
    public let settlementID: String
    /// Who pays.
    public let payer: DID
    /// Minor units taken from the payer.
    public let grossMinor: Int64
    /// Currency code.
    public let currency: String
    /// The service's name, as the caller gave it.
    public let service: String
    /// The transaction's type, as the caller gave it.
    public let type: String
    /// CID of the manifest that was split.
    public let manifestCID: String
    /// The manifests of the chain, root first, empty when the caller knows that they are recorded.
    public let manifests: [ManifestRecord]
    /// The right to take the money.
    public let consent: Consent
    /// Fees, zeros left out.
    public let fees: [FeePart]
    /// Payees, merged per DID, zeros left out.
    public let parts: [PayeePart]
    /// The reply's `"splits":[…],"fees":[…]` members, rendered beforehand.
    public let breakdownJSON: [UInt8]
    /// The request's `metadata`, as received, or empty.
    public let metadataJSON: [UInt8]
    /// Where the money comes from.
    public var funding = Funding.balance

    /// An order.
    public init(
        settlementID: String, payer: DID, grossMinor: Int64, currency: String, service: String, type: String,
        manifestCID: String, manifests: [ManifestRecord], consent: Consent, fees: [FeePart], parts: [PayeePart],
        breakdownJSON: [UInt8], metadataJSON: [UInt8]
    ) {
        self.settlementID = settlementID
        self.payer = payer
        self.grossMinor = grossMinor
        self.currency = currency
        self.service = service
        self.type = type
        self.manifestCID = manifestCID
        self.manifests = manifests
        self.consent = consent
        self.fees = fees
        self.parts = parts
        self.breakdownJSON = breakdownJSON
        self.metadataJSON = metadataJSON
    }
}
