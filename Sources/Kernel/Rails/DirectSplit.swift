import Cryptography

/// How a payer pays a payment's payees itself, in one transaction at the rail: the node never has their money.
///
/// It is fixed at checkout, together with the settlement's id, which the transaction carries.
public struct DirectSplit: Codable, Hashable, Sendable {
    /// One payee.
    public struct Part: Codable, Hashable, Sendable {
        /// Who, a DID's text.
        public let did: String
        /// Where, in the rail's own form.
        public let address: String
        /// Minor units, at least 1.
        public let amountMinor: Int64

        /// A part.
        public init(did: String, address: String, amountMinor: Int64) {
            self.did = did
            self.address = address
            self.amountMinor = amountMinor
        }
    }

    /// The settlement that it becomes, `stl_…`.
    public let settlementID: String
    /// SHA-256 of the manifest's signed bytes.
    public let manifestDigest: [UInt8]
    /// Who is paid.
    public let parts: [Part]
    /// What the node's own account at the rail gets: all fees, minor units.
    public let nodeMinor: Int64

    /// A split.
    public init(settlementID: String, manifestDigest: [UInt8], parts: [Part], nodeMinor: Int64) {
        self.settlementID = settlementID
        self.manifestDigest = manifestDigest
        self.parts = parts
        self.nodeMinor = nodeMinor
    }

    /// Whether a settlement divides it in the same way.
    func matches(_ order: SettleOrder) -> Bool {
        order.settlementID == settlementID
            && order.parts.map { [$0.did.string: $0.amountMinor] } == parts.map { [$0.did: $0.amountMinor] }
            && order.fees.reduce(Int128(0)) { $0 + Int128($1.amountMinor) } == Int128(nodeMinor)
    }
}

/// What a transaction of a payer's moved past the node, and to it.
public struct LandedSplit: Codable, Hashable, Sendable {
    /// What one payee got.
    public struct Part: Codable, Hashable, Sendable {
        /// Who, a DID's text.
        public let did: String
        /// Minor units, at least 1.
        public let amountMinor: Int64

        /// A part.
        public init(did: String, amountMinor: Int64) {
            self.did = did
            self.amountMinor = amountMinor
        }
    }

    /// What reached the node's own account at the rail.
    public let nodeMinor: Int64
    /// What payees got.
    public let parts: [Part]
    /// Why it is not what was asked for; `nil`: it is, to the last unit.
    public let refusal: RailRefusal?

    /// What landed.
    public init(nodeMinor: Int64, parts: [Part], refusal: RailRefusal?) {
        self.nodeMinor = nodeMinor
        self.parts = parts
        self.refusal = refusal
    }

    /// What landed of a split that was paid to the last unit.
    package init(exactly split: DirectSplit) {
        self.init(
            nodeMinor: split.nodeMinor, parts: split.parts.map { Part(did: $0.did, amountMinor: $0.amountMinor) },
            refusal: nil)
    }

    /// What payees got together.
    var passedMinor: Int64 { parts.reduce(0) { $0 + $1.amountMinor } }
}

extension Payment {
    /// Books what a payer paid past the node: from the payer's own money at the rail, and to the node's account there
    /// what reached it. What was asked for is settled next; anything else stands as it landed, for a person to look at.
    mutating func receive(_ landed: LandedSplit, nowMs: Int64) -> [Move] {
        let wasOver = status == .cancelled
        receivedMinor = landed.nodeMinor + landed.passedMinor
        feeCurrency = currency
        var moves: [Move] = []
        if landed.nodeMinor > 0 { moves.append(.debit(.clearing(rail, currency), landed.nodeMinor)) }
        if landed.passedMinor > 0 { moves.append(.debit(.external(payer, rail, currency), landed.passedMinor)) }
        let late = RailRefusal(code: "payment_late", reason: "it landed after the payment was given up")
        guard let refusal = landed.refusal ?? (wasOver ? late : nil) else {
            (status, refusal, looks, dueAtMs) = (.received, nil, 0, nowMs)
            unspentMinor = receivedMinor
            return moves + [.credit(home, receivedMinor)]
        }
        return moves + stand(landed, refusal)
    }

    /// Money that was paid past the node stands where it went, and what the node got of it in suspense.
    mutating func stand(_ landed: LandedSplit, _ refusal: RailRefusal) -> [Move] {
        isSuspended = true
        (status, dueAtMs, self.refusal) = (.suspended, nil, refusal)
        unspentMinor = landed.nodeMinor
        let parts = landed.parts.map { Move.credit(.external($0.did, rail, currency), $0.amountMinor) }
        return parts + (landed.nodeMinor > 0 ? [.credit(home, landed.nodeMinor)] : [])
    }
}
