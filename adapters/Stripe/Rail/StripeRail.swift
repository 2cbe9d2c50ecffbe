public import Kernel
public import Settlement

/// Stripe Connect as a rail: payers pay on a page of Stripe's, payees are connected accounts, and a refund goes back to
/// the payer's card.
///
/// It keeps nothing: what an instruction became is read from Stripe, by our reference, each time. A call goes out under
/// an idempotency key that follows from the reference and the time of the first call (``StripeKeyAge``), so that any
/// number of processes, at any time, move the money once.
public struct StripeRail: Rail {
    /// Settings of the rail, beside those of its client.
    public struct Policy: Sendable {
        /// What Stripe charges at least and at most.
        public var limits = StripeAmountLimits()

        /// The standard ones.
        public init() {}
    }

    /// See ``Rail/name``.
    public var name: RailName { .stripe }

    /// See ``Rail/capabilities``.
    public var capabilities: RailCapabilities { [.collect, .payOut, .splitDirectly, .refund, .recall, .list] }

    let client: StripeClient
    let reader: StripeReader
    let policy: Policy

    /// A call that was sent once may still be under way for so long (`RailTiming.callMs`): before that nothing is said
    /// to be absent.
    static let underWayMs: Int64 = 180_000

    /// Makes the rail.
    public init(client: StripeClient, policy: Policy = Policy()) {
        self.client = client
        self.policy = policy
        reader = StripeReader(client: client)
    }

    /// See ``Rail/carryOut(_:prepared:nowMs:)``.
    public func carryOut(_ instruction: RailInstruction, prepared: [UInt8], nowMs: Int64) async -> RailOutcome {
        guard let call = StripeCall(bytes: prepared) else {
            return .unknown("stripe: the stored call cannot be read")
        }
        let step = StripeKeyAge.step(key: instruction.reference, firstSentAtMs: instruction.beganAtMs, nowMs: nowMs)
        if case .send(let key) = step { return await send(call, key: key, instruction) }
        // The first key is too old to protect: look before anything is repeated.
        switch await lookUp(instruction, reference: "") {
        case .found(let facts): return outcome(facts, of: instruction)
        case .unknown(let why): return .unknown(why)
        case .absent: break
        }
        guard case .lookUpThenSend(let key) = step else {
            return .unknown("stripe: the key of the call rests until Stripe has forgotten it")
        }
        return await send(call, key: key, instruction)
    }

    /// See ``Rail/fetch(_:prepared:reference:nowMs:)``.
    public func fetch(
        _ instruction: RailInstruction, prepared: [UInt8], reference: String, nowMs: Int64
    ) async -> RailAnswer {
        let answer = await lookUp(instruction, reference: reference)
        guard answer == .absent, nowMs < instruction.beganAtMs + Self.underWayMs else { return answer }
        return .unknown("stripe: nothing is there yet, and the call may still be under way")
    }

    /// See ``Rail/cancel(_:reference:)``.
    public func cancel(_ instruction: RailInstruction, reference: String) async -> RailAnswer {
        guard case .collect(let collect) = instruction else {
            return await lookUp(instruction, reference: reference)
        }
        return await answer { () async throws(StripeReadError) in
            guard let session = try await reader.session(collect, reference: reference) else { return nil }
            guard session.status == .known(.open) else { return try await reader.payment(of: session) }
            // Whatever becomes of it, the page's state is read afterwards. A key of its own each time: Stripe would
            // answer with what it said under an old one, and the page has moved on since.
            let key = "\(collect.reference)-expire-\(client.now())"
            _ = await client.write(.expireCheckoutSession(session.id), idempotencyKey: key)
            return try await reader.payment(session.id)
        } facts: { (payment: StripePayment) throws(StripeAmountError) in
            try StripeFacts.payment(payment)
        }
    }
}

extension RailInstruction {
    /// When the first call was.
    var beganAtMs: Int64 {
        switch self {
        case .collect(let value): value.beganAtMs
        case .payOut(let value): value.beganAtMs
        case .refund(let value): value.beganAtMs
        case .recall(let value): value.beganAtMs
        }
    }
}
