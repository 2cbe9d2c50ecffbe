import Kernel
public import Settlement

/// Finds what payers did on the chain, and has the ledger book it: everything that reached the treasury, under a payment
/// of ours or under none, and direct payments by their references, while they are open and for an hour after.
///
/// A pass may be repeated, interrupted, and run by two at once: an arrival is booked once. The position in the
/// treasury's list moves only past what the ledger has taken.
public struct SolanaWatcher: Sendable {
    private let rail: SolanaRail
    private let ledger: any LifecycleStore
    private let worker: RailWorker
    private let positions: any RailPositionStore
    private let clock: @Sendable () -> Int64

    /// What the position is stored under.
    public static let listName = "solana"
    /// Movements of one page.
    public static let pageMax = 100
    /// Pages of one pass; the next one goes on.
    public static let pagesMax = 50
    /// Direct payments that one pass asks about, the newest first; each is one question. The worker's own looks find
    /// what is past it.
    public static let directMax = 300
    /// How long after its time a direct payment is watched: money that lands later still reaches the payees, and is
    /// found by whoever looks at the chain.
    public static let watchMs: Int64 = 3_600_000

    /// What a pass did.
    public struct Outcome: Hashable, Sendable {
        /// Arrivals that the ledger has, new or known.
        public var applied = 0
        /// Movements that are none of payers'.
        public var ignored = 0
        /// Why the pass stopped before the end; nil: it did not.
        public var stopped: String?
    }

    /// A watcher.
    /// - Parameters:
    ///   - worker: books what is found.
    ///   - clock: milliseconds since 1970.
    public init(
        rail: SolanaRail, ledger: any LifecycleStore, worker: RailWorker, positions: any RailPositionStore,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.rail = rail
        self.ledger = ledger
        self.worker = worker
        self.positions = positions
        self.clock = clock
    }

    /// Looks once.
    /// - Throws: failures of the ledger. What the chain's nodes do not answer is told in the outcome.
    public func pass() async throws(LedgerFailure) -> Outcome {
        var outcome = Outcome()
        try await watchTreasury(&outcome)
        try await watchDirect(&outcome)
        return outcome
    }

    /// Reads on in the treasury's list.
    private func watchTreasury(_ outcome: inout Outcome) async throws(LedgerFailure) {
        var position = try await positions.position(of: Self.listName)
        for _ in 0..<Self.pagesMax {
            let page: SolanaMovements
            do throws(RailListFailure) {
                page = try await rail.movements(since: position, limit: Self.pageMax)
            } catch {
                outcome.stopped = error.reason
                return
            }
            for movement in page.list {
                guard movement.changeMinor > 0 else {
                    outcome.ignored += 1
                    continue
                }
                guard try await take(try await arrival(movement), &outcome) else { return }
            }
            if let next = page.next, next != position {
                try await positions.setPosition(next, of: Self.listName)
                position = next
            }
            guard page.hasMore else { return }
        }
    }

    /// Asks about direct payments that are open, or were a short time ago: what is paid past the node shows nowhere
    /// else.
    private func watchDirect(_ outcome: inout Outcome) async throws(LedgerFailure) {
        var filter = LifecycleFilter(kind: .payment, limit: Self.directMax)
        filter.rail = rail.name
        for row in try await ledger.lifecycles(filter) {
            guard case .payment(let payment) = row.lifecycle, payment.direct != nil, !payment.reference.isEmpty,
                payment.expiresAtMs + Self.watchMs > clock()
            else { continue }
            let collect = CollectInstruction(payment, nowMs: clock())
            let found: [RailArrival]
            do throws(RailListFailure) {
                found = try await rail.arrivals(collect, reference: payment.reference)
            } catch {
                outcome.stopped = outcome.stopped ?? error.reason
                continue
            }
            // What was asked for pays it, whatever else came first.
            for arrival in found where try await take(arrival, &outcome) { rail.forget(arrival, payment.reference) }
        }
    }

    /// - Returns: whether the ledger has it.
    private func take(_ arrival: RailArrival, _ outcome: inout Outcome) async throws(LedgerFailure) -> Bool {
        switch try await worker.take(.arrival(arrival), from: rail.name) {
        case .applied: outcome.applied += 1
        case .ignored: outcome.ignored += 1
        case .parked(let why):
            outcome.stopped = outcome.stopped ?? why
            return false
        }
        return true
    }

    /// What reached the treasury, for the payment that it names: of several the first that it pays as asked, else the
    /// first. A name is an account that the transaction only reads.
    private func arrival(_ movement: SolanaMovement) async throws(LedgerFailure) -> RailArrival {
        let signature = movement.signature.description
        var first: (id: String, facts: RailFacts)?
        for name in movement.record.names {
            guard
                let row = try await ledger.lifecycle(
                    rail: rail.name, reference: name.description, kind: .payment),
                case .payment(let payment) = row.lifecycle, payment.currency == movement.currency,
                let request = try? rail.request(
                    CollectInstruction(payment, nowMs: clock()), SolanaOpened(reference: name)),
                let facts = request.facts(movement.record, timeSeconds: movement.timeSeconds)
            else { continue }
            let isOpen = payment.receivedMinor == 0 && payment.disclaimed?.contains(signature) != true
            guard !isOpen || !request.isExact(facts) else {
                return RailArrival(
                    movement: signature, currency: movement.currency, paymentID: payment.id, facts: facts,
                    timeMs: movement.timeMs)
            }
            first = first ?? (payment.id, facts)
        }
        if let first {
            return RailArrival(
                movement: signature, currency: movement.currency, paymentID: first.id, facts: first.facts,
                timeMs: movement.timeMs)
        }
        var facts = RailFacts(
            standing: .done, reference: signature, amountMinor: movement.changeMinor, feeMinor: 0, source: signature)
        facts.movement = signature
        return RailArrival(
            movement: signature, currency: movement.currency, paymentID: nil, facts: facts, timeMs: movement.timeMs)
    }
}

extension SolanaRecord {
    /// Names that a transaction may give a payment by: what it neither writes, signs, nor calls.
    var names: [SolanaAddress] {
        let message = transaction.message
        let called = Set(message.calls.map { Int($0.program) })
        return accounts.indices.filter { index in
            guard index < message.accounts.count else { return true }
            return index >= message.header.requiredSignatures && !message.isWritable(index) && !called.contains(index)
        }.map { accounts[$0] }
    }
}

extension SolanaRail {
    /// Spares the next passes a transaction that the ledger has.
    func forget(_ arrival: RailArrival, _ reference: String) {
        guard let signature = SolanaSignature(arrival.movement), let name = SolanaAddress(reference) else { return }
        idle.insert(signature, for: name)
    }

    /// Everything that landed for a payment, what was asked for first, then in the chain's order.
    func arrivals(
        _ collect: CollectInstruction, reference: String
    ) async throws(RailListFailure) -> [RailArrival] {
        guard let opened = SolanaAddress(reference).map(SolanaOpened.init(reference:)),
            let request = try? request(collect, opened)
        else { throw RailListFailure(reason: "\(collect.paymentID) is no payment of this rail") }
        var found: [RailArrival] = []
        do throws(SolanaRPCError) {
            let mentions = try await client.mentions(of: opened.reference, commitment: settings.detection)
            for mention in mentions.list.reversed()
            where mention.failure == nil && !idle.contains(mention.signature, for: opened.reference) {
                guard let record = try await client.transaction(mention.signature, commitment: settings.detection),
                    let facts = request.facts(record, timeSeconds: mention.timeSeconds)
                else { continue }
                let (timeMs, overflow) = (mention.timeSeconds ?? 0).multipliedReportingOverflow(by: 1_000)
                found.append(
                    RailArrival(
                        movement: mention.signature.description, currency: collect.currency,
                        paymentID: collect.paymentID, facts: facts, timeMs: overflow ? 0 : timeMs))
            }
        } catch {
            throw RailListFailure(reason: error.description)
        }
        return found.filter { request.isExact($0.facts) } + found.filter { !request.isExact($0.facts) }
    }
}
