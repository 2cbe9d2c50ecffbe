/// What a verification found.
public struct VerificationReport: Sendable {
    /// Entries read.
    public var entries: Int64 = 0
    /// Postings read.
    public var postings: Int64 = 0
    /// Settlements read.
    public var settlements: Int64 = 0
    /// Payments, payouts, refunds, disputes, escrows and payees read.
    public var lifecycles: Int64 = 0
    /// Rows with signatures that were verified; nil when they were not looked at.
    public var signatures: Int64?
    /// Hash of the last entry.
    public var headHash: [UInt8] = []
    /// What is wrong, the first `findingsMax` of it.
    public private(set) var findings: [Finding] = []
    /// How much is wrong in all.
    public private(set) var findingsCount = 0

    /// Findings kept; past it they are only counted.
    public static let findingsMax = 100

    /// Whether the book proves its sum.
    public var isOK: Bool { findingsCount == 0 }

    mutating func add(_ code: Finding.Code, _ detail: String) {
        findingsCount += 1
        if findings.count < Self.findingsMax { findings.append(Finding(code: code, detail: detail)) }
    }
}

/// Something that does not add up.
public struct Finding: Hashable, Sendable {
    /// What kind of thing; stable.
    public enum Code: String, Sendable, CaseIterable {
        /// A sequence number is missing or double, or the head is not the last entry.
        case sequenceGap = "sequence_gap"
        /// An entry's hash is not that of its body and its predecessor.
        case hashMismatch = "hash_mismatch"
        /// An entry's columns are not what its body says, or its body is unreadable.
        case entryMalformed = "entry_malformed"
        /// An entry's debits and credits differ.
        case entryUnbalanced = "entry_unbalanced"
        /// An account's row is not what its opening entry says.
        case accountMismatch = "account_mismatch"
        /// The postings are not those of the entries.
        case postingMismatch = "posting_mismatch"
        /// A posting's counters are not those before it and its amount.
        case runningBalance = "running_balance"
        /// An account ends below its floor.
        case floorCrossed = "floor_crossed"
        /// A settlement, refund, hold or charge without its entry, or whose entry says otherwise.
        case causeMissing = "cause_missing"
        /// A stored reply does not say what the book says.
        case replyMismatch = "reply_mismatch"
        /// A stored manifest is not the one that its CID names.
        case manifestMismatch = "manifest_mismatch"
        /// A stored signature was not by a key in force when the book took it, or is no signature.
        case signatureInvalid = "signature_invalid"
        /// The row of a payment, payout, refund, dispute, escrow or payee is not what its state, its life or its
        /// settlement says.
        case lifecycleMismatch = "lifecycle_mismatch"
        /// An account holds another sum than the payments, payouts, refunds, disputes, escrows and holds that it stands
        /// for.
        case balanceUnexplained = "balance_unexplained"
        /// A refund's total does not follow from the ones before it.
        case refundMismatch = "refund_mismatch"
    }
    /// What kind of thing.
    public let code: Code
    /// Where, and what was expected.
    public let detail: String
}

/// How far a verification is.
public struct VerificationProgress: Sendable {
    /// What is being read: `entries`, `postings`, `settlements`, `lifecycles`, `links`, `signatures`.
    public let phase: String
    /// Rows read of it.
    public let done: Int64
    /// Rows there are; 0 when unknown.
    public let total: Int64
}
