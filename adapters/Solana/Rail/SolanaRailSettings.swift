/// What the rail deals in, and how sure it wants to be.
public struct SolanaRailSettings: Sendable {
    /// Tokens by currency code; each was checked against the chain, see ``SolanaMint/check(_:_:)``.
    public let tokens: [String: SolanaToken]
    /// What a unit of computing is worth, in millionths of a lamport.
    public let computePriceMicroLamports: UInt64
    /// Rounds that one call sends and watches; each takes two seconds. A call ends before another process may ask.
    public let roundsPerCall: Int
    /// How sure the rail is before it credits what payers sent.
    public let detection: SolanaCommitment
    /// Where wallets fetch transactions to sign, without the payment's id: `https://…/api/solana/pay`; nil: payments
    /// have no such link.
    public let payLink: String?
    /// Who asks, in wallets.
    public let label: String
    /// What may be sent in a day; nil: all that there is.
    public let outflow: SolanaOutflow?
    /// How payees' accounts of tokens are made; nil: payees make them.
    public let openings: SolanaOpenings?
    /// Durable nonces for payouts; nil: none.
    public let nonces: SolanaNonces?
    /// What the treasury was before: what comes from there is the node's own money.
    public let formerTreasuries: [SolanaAddress]

    /// Rounds of two seconds that fit well within the three minutes that a call may take.
    public static let roundsMax = 60

    /// Settings.
    public init(
        tokens: [String: SolanaToken], computePriceMicroLamports: UInt64 = 10_000, roundsPerCall: Int = 30,
        detection: SolanaCommitment = .finalized, payLink: String? = nil, label: String = "MJN",
        outflow: SolanaOutflow? = nil, openings: SolanaOpenings? = nil, nonces: SolanaNonces? = nil,
        formerTreasuries: [SolanaAddress] = []
    ) {
        self.nonces = nonces
        self.formerTreasuries = formerTreasuries
        self.detection = detection == .processed ? .confirmed : detection
        self.payLink = payLink
        self.label = label
        self.outflow = outflow
        self.openings = openings
        self.tokens = tokens
        self.computePriceMicroLamports = computePriceMicroLamports
        self.roundsPerCall = min(max(roundsPerCall, 1), Self.roundsMax)
    }
}
