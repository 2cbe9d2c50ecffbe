public import Settlement

/// A promise of every `Rail`, to be checked on each with the world that stands in for its other side.
public struct RailConformance: Sendable, CustomStringConvertible {
    /// The promise, as a sentence.
    public let description: String
    /// What a rail must be able to do for it to be asked.
    public let needs: RailCapabilities
    private let body: @Sendable (inout Probe) async throws -> Void

    /// Whether a rail keeps the promise: what did not hold, empty when all did.
    public func check(_ bench: any RailBench) async throws -> [String] {
        guard bench.rail.capabilities.isSuperset(of: needs) else { return [] }
        var probe = Probe(bench: bench)
        try await body(&probe)
        return probe.failures
    }

    /// All promises.
    public static let cases: [RailConformance] = [
        RailConformance("a payment is opened, paid, and its fee is known", [.collect], collects),
        RailConformance("a payment that nobody pays can be given up", [.collect], cancels),
        RailConformance("a payment that was paid cannot be given up", [.collect], keepsPaid),
        RailConformance("a payout reaches the payee", [.payOut], paysOut),
        RailConformance("a refund goes back to the payer, whole or in parts", [.collect, .refund], refunds),
        RailConformance("carried out again, a payment is the same one", [.collect], opensOnce),
        RailConformance(
            "carried out again, by two at once and after days, a payout moves money once", [.payOut], paysOnce),
        RailConformance("carried out again, a refund moves money once", [.collect, .refund], refundsOnce),
        RailConformance("a lost answer is unknown, is found later, and moves money once", [.payOut], findsLostAnswers),
        RailConformance("a lost request is unknown, then absent, and can be sent again", [.payOut], sendsLostRequests),
        RailConformance("a lost payment is found or opened again", [.collect], findsLostPayments),
        RailConformance("what was never asked for is absent", [.payOut], absent),
        RailConformance("what the rail would refuse is refused before the call", [.payOut], refuses),
        RailConformance(
            "the list is in order, complete, and adds up to the balance", [.collect, .payOut, .list], lists),
    ]

    private init(
        _ description: String, _ needs: RailCapabilities, _ body: @escaping @Sendable (inout Probe) async throws -> Void
    ) {
        self.description = description
        self.needs = needs
        self.body = body
    }
}
