import Cryptography
import Kernel
public import Service
public import Settlement

/// Pay: settlements, refunds, balances, consent and gas over HTTP.
///
/// A value of dependencies; ``routes`` is what an `HTTPService` serves. Safe from any thread.
public struct PayService: Sendable {
    let dependencies: PayDependencies
    package let library: ManifestLibrary
    package let planner: SettlementPlanner
    let rules: CallerRules
    /// Does what lifecycles need; nil where the node has no rails. The composition root runs its `pass` in a loop in
    /// the process that leads the book, and gives it the rails' news.
    public let worker: RailWorker?

    /// Pay on these dependencies.
    /// - Throws: `PaySetupError` for gas prices that are none.
    public init(_ dependencies: PayDependencies) throws(PaySetupError) {
        let bases = dependencies.gasBasesMinor
        guard bases.count == Gas.basesMinor.count, bases.allSatisfy({ (0...Self.gasBaseMax).contains($0) }) else {
            throw PaySetupError("gas has a price of 0 to \(Self.gasBaseMax) for each of \(Gas.basesMinor.count) tiers")
        }
        self.dependencies = dependencies
        library = ManifestLibrary(
            cache: dependencies.manifests, store: dependencies.store, keys: dependencies.keys,
            platform: dependencies.platform)
        planner = SettlementPlanner(fees: dependencies.fees, node: dependencies.rails?.node)
        rules = CallerRules(
            callers: dependencies.callers, signer: StatementSigner(keys: dependencies.keys),
            strangersLimiter: dependencies.strangersLimiter)
        let settler = PaymentSettler(
            library: library, planner: planner, store: dependencies.store, makeID: dependencies.makeID)
        worker = dependencies.rails.map { desk in
            RailWorker(
                ledger: dependencies.store, rails: desk.rails, settling: settler, clock: desk.clock,
                makeID: dependencies.makeID, process: desk.process, report: desk.report)
        }
    }

    var desk: RailDesk? { dependencies.rails }

    /// The dearest base price: forty times it still is an amount.
    private static let gasBaseMax = Money.amountMaxMinor / 40

    /// The route table.
    public var routes: [Route] {
        var routes = [
            settleRoute, batchRoute, settlementRoute, refundRoute, balanceRoute, transactionsRoute,
            putAllowanceRoute, getAllowanceRoute, gasQuoteRoute, gasChargeRoute, gasPreferencesRoute, gasClusterRoute,
            postManifestRoute, getManifestRoute,
        ]
        routes += [
            checkoutRoute, paymentRoute, paymentsRoute, refundPaymentRoute, cancelPaymentRoute, getPayeeRoute,
            putPayeeRoute, topUpRoute, transferRoute, withdrawRoute, payoutRoute, payoutsRoute, openEscrowRoute,
            escrowRoute, escrowsRoute, releaseEscrowRoute, refundEscrowRoute, onboardRoute, onboardingStatusRoute,
            dashboardRoute,
        ]
        routes += [solanaPayLabelRoute, solanaPayRoute, solanaPayIconRoute]
        if let sessions = dependencies.sessions { routes.append(sessions.route) }
        return routes
    }

    var store: any LedgerStore & LifecycleStore { dependencies.store }

    /// Has one command decided.
    /// - Throws: `overloaded`, `database_unavailable`, `idempotency_in_flight`, `internal_error`.
    func submit(_ command: Command) async throws -> Decision {
        let decisions = try await submit([command], atomically: false)
        return decisions[0]
    }

    func submit(_ commands: [Command], atomically: Bool) async throws -> [Decision] {
        let decisions: [Decision]
        do throws(LedgerFailure) {
            decisions = try await store.submit(commands, atomically: atomically)
        } catch {
            throw Problem(error)
        }
        precondition(decisions.count == commands.count, "one decision per command")
        return decisions
    }

    /// Reads from the store.
    /// - Throws: as ``submit(_:)``.
    func read<T: Sendable>(_ body: () async throws(LedgerFailure) -> T) async throws -> T {
        do throws(LedgerFailure) {
            return try await body()
        } catch {
            throw Problem(error)
        }
    }
}

/// Why pay cannot be set up as configured.
public struct PaySetupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, for the operator.
    public let description: String

    init(_ description: String) { self.description = description }
}

extension Problem {
    /// What a failure of the store means to a caller. What it asked for may have been done: the same key finds it out.
    init(_ failure: LedgerFailure) {
        switch failure {
        case .overloaded: self.init(.overloaded, "too many requests wait for the book")
        case .databaseUnavailable: self.init(.databaseUnavailable)
        case .stopping: self.init(.databaseUnavailable, "this process is stopping")
        case .inFlight: self.init(.idempotencyInFlight)
        case .rejected: self.init(.internalError)
        }
    }
}

extension Decision {
    /// The answer to a request: the stored body, or of a refusal the problem document; a replay is the first answer,
    /// byte for byte.
    func reply(traceID: String) -> Reply {
        var reply =
            outcome.code == nil
            ? Reply.json(outcome.status, outcome.body) : outcome.problem.reply(traceID: trace(of: traceID))
        if isReplayed { reply.headers.append(("idempotent-replayed", "true")) }
        return reply
    }

    /// The trace that the answer shows: the first request's when this is a replay of its refusal.
    func trace(of traceID: String) -> String {
        isReplayed && outcome.code != nil ? outcome.reference ?? traceID : traceID
    }

    /// Whether it is the answer of an earlier request.
    var isReplayed: Bool {
        if case .replayed = self { true } else { false }
    }
}

extension Outcome {
    /// The refusal as a problem.
    var problem: Problem {
        Problem(ProblemCode.named(code ?? "", status: status), String(decoding: body, as: UTF8.self))
    }
}
