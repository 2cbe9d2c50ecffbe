import Kernel
public import Settlement

/// Finds what payers did on the chain, and has the ledger book it: everything that reached the treasury, under a
/// payment of ours or under none, and direct payments by their references, while they are open and for an hour after.
///
/// A pass may be repeated, interrupted, and run by two at once: an arrival is booked once. The position in the
/// treasury's list moves only past what the ledger has taken.
public struct SolanaWatcher: Sendable {
    private let rail: SolanaRail
    private let ledger: any LedgerStore & LifecycleStore
    private let worker: RailWorker
    private let positions: any RailPositionStore
    private let clock: @Sendable () -> Int64

    /// What the position is stored under: another treasury has another list.
    private var listName: String { "solana:\(rail.address)" }
    /// Movements of one page.
    public static let pageMax = 100
    /// Pages of one pass; the next one goes on.
    public static let pagesMax = 50
    /// Direct payments that one pass asks about, the newest first; each is one question. The worker's own looks find
    /// what is past it.
    public static let directMax = 300
    /// Unfinished accounts of one pass.
    static let openingsMax = 500
    /// Details come seconds after the signature; later than this a person should know.
    static let unreadMs: Int64 = 120_000
    /// How long after its time a direct payment is watched: money that lands later still reaches the payees, and is
    /// found by whoever looks at the chain.
    public static let watchMs: Int64 = 3_600_000

    /// What a pass did.
    public struct Outcome: Hashable, Sendable {
        /// Arrivals that the ledger has, new or known.
        public var applied = 0
        /// Movements that are none of payers'.
        public var ignored = 0
        /// Accounts made for payees, or not, whose cost the ledger has.
        public var openings = 0
        /// Transactions that could not be read for minutes, with the reason. They are tried again; what follows them is
        /// read.
        public var unread: [String] = []
        /// Why the pass stopped before the end; nil: it did not.
        public var stopped: String?

        /// Nothing was done.
        public init() {}
    }

    /// A watcher.
    /// - Parameters:
    ///   - worker: books what is found.
    ///   - clock: milliseconds since 1970.
    public init(
        rail: SolanaRail, ledger: any LedgerStore & LifecycleStore, worker: RailWorker,
        positions: any RailPositionStore,
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
        try await watchOpenings(&outcome)
        return outcome
    }

    /// Follows the making of payees' accounts to its end, and books what it cost.
    private func watchOpenings(_ outcome: inout Outcome) async throws(LedgerFailure) {
        guard let store = rail.openings else { return }
        var unfinished = try await store.unfinishedOpenings(at: rail.name, limit: Self.openingsMax)
        // The last transaction may have more of them than came.
        if unfinished.count == Self.openingsMax, let last = unfinished.last?.reference {
            unfinished.removeAll { $0.reference == last }
        }
        let transactions = Dictionary(grouping: unfinished, by: \.reference).values
        for tries in transactions.sorted(by: { $0[0].owner < $1[0].owner }) {
            if tries[0].prepared.isEmpty {
                try await watchTable(tries[0], store, &outcome)
                continue
            }
            guard let end = await rail.end(of: tries) else { continue }
            if end.lamports != 0 {
                let cost = RailCost(
                    rail: rail.name, movement: tries[0].reference, currency: SolanaRail.feeCurrency,
                    amountMinor: end.lamports, reason: tries[0].purpose, shares: end.shares(tries))
                let decision = try await ledger.submit([LifecycleCommands.cost(cost)], atomically: false)[0]
                guard decision.outcome.isDone else {
                    outcome.stopped = outcome.stopped ?? String(decoding: decision.outcome.body, as: UTF8.self)
                    continue
                }
            }
            // Last, so that whoever is stopped before it books the same cost again, which is once.
            try await store.finishOpening(at: rail.name, reference: tries[0].reference, end.standing)
            outcome.openings += 1
        }
    }

    /// Closes a lookup table whose payment is over.
    private func watchTable(
        _ opening: RailOpening, _ store: any RailOpeningStore, _ outcome: inout Outcome
    ) async throws(LedgerFailure) {
        if let row = try await ledger.lifecycle(opening.owner)?.row, case .payment(let payment) = row.lifecycle,
            payment.status == .opening || payment.status == .pending
        {
            return
        }
        do {
            guard try await rail.closeTable(opening) else { return }
        } catch {
            outcome.stopped = outcome.stopped ?? "\(error)"
            return
        }
        try await store.finishOpening(at: rail.name, reference: opening.reference, .made)
    }

    /// Reads on in the treasury's list.
    private func watchTreasury(_ outcome: inout Outcome) async throws(LedgerFailure) {
        var position = try await positions.position(of: listName)
        var unread: [String: (timeSeconds: Int64, reason: String)] = [:]
        defer { outcome.unread = late(unread) }
        for number in 0..<Self.pagesMax {
            let page: SolanaMovements
            do throws(RailListFailure) {
                page = try await rail.movements(since: position, limit: Self.pageMax, readsAgain: number == 0)
            } catch {
                outcome.stopped = error.reason
                return
            }
            for (item, reason) in page.unread {
                unread[item.signature.description] = (item.timeSeconds ?? 0, reason)
            }
            for movement in page.list {
                guard movement.arrivedMinor > 0 else {
                    outcome.ignored += 1
                    continue
                }
                let arrival = try await arrival(
                    movement.record, movement.currency, timeSeconds: movement.timeSeconds,
                    treasuryMinor: movement.arrivedMinor)
                if let arrival, try await !take(arrival, &outcome) { return }
            }
            if let next = page.next, next != position {
                try await positions.setPosition(next, of: listName)
                position = next
            }
            outcome.stopped = page.stopped
            guard page.stopped == nil, page.hasMore else { return }
        }
    }

    /// Those that should be readable by now, with the reason.
    private func late(_ unread: [String: (timeSeconds: Int64, reason: String)]) -> [String] {
        unread.filter { $0.value.timeSeconds < (clock() - Self.unreadMs) / 1_000 }
            .map { "\($0.key): \($0.value.reason)" }.sorted()
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
            guard let name = SolanaAddress(payment.reference) else { continue }
            let found: [(record: SolanaRecord, timeSeconds: Int64?)]
            do throws(RailListFailure) {
                found = try await rail.records(naming: name)
            } catch {
                outcome.stopped = outcome.stopped ?? error.reason
                continue
            }
            for (record, timeSeconds) in found {
                // What reached the treasury only is left to its own list.
                let arrival = try await arrival(
                    record, payment.currency, timeSeconds: timeSeconds, treasuryMinor: 0)
                if let arrival, try await !take(arrival, &outcome) { continue }
                rail.idle.insert(record.transaction.id, for: name)
            }
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

    /// For which payment a transaction is, of all that it names: the open one that it pays to the last unit, else the
    /// one that it did most for. A name is an account that the transaction only reads.
    /// - Returns: nil where it moved nothing for anybody.
    private func arrival(
        _ record: SolanaRecord, _ currency: String, timeSeconds: Int64?, treasuryMinor: Int64
    ) async throws(LedgerFailure) -> RailArrival? {
        let signature = record.transaction.id.description
        let (timeMs, overflow) = (timeSeconds ?? 0).multipliedReportingOverflow(by: 1_000)
        var best: (id: String, facts: RailFacts, isPaid: Bool)?
        for name in record.names {
            guard
                let row = try await ledger.lifecycle(
                    rail: rail.name, reference: name.description, kind: .payment),
                case .payment(let payment) = row.lifecycle, payment.currency == currency,
                let request = try? rail.request(
                    CollectInstruction(payment, nowMs: clock()), SolanaOpened(reference: name)),
                let facts = request.facts(record, timeSeconds: timeSeconds)
            else { continue }
            let isOpen = payment.receivedMinor == 0 && payment.disclaimed?.contains(signature) != true
            let isPaid = isOpen && request.isExact(facts)
            if let known = best {
                guard isPaid == known.isPaid ? facts.amountMinor > known.facts.amountMinor : isPaid else { continue }
            }
            best = (payment.id, facts, isPaid)
        }
        guard best != nil || treasuryMinor > 0 else { return nil }
        var facts = RailFacts(
            standing: .done, reference: signature, amountMinor: treasuryMinor, feeMinor: 0, source: signature)
        facts.movement = signature
        return RailArrival(
            movement: signature, currency: currency, paymentID: best?.id, facts: best?.facts ?? facts,
            timeMs: overflow ? 0 : timeMs)
    }
}

extension RailOpening {
    /// What was paid for, for people.
    fileprivate var purpose: String {
        owner.hasPrefix("pay_") ? "a lookup table of \(owner)" : "accounts of payees"
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
    /// All transactions that name a payment and were carried out, oldest first, but for those that are known already.
    func records(
        naming name: SolanaAddress
    ) async throws(RailListFailure) -> [(record: SolanaRecord, timeSeconds: Int64?)] {
        var found: [(record: SolanaRecord, timeSeconds: Int64?)] = []
        do throws(SolanaRPCError) {
            let mentions = try await client.mentions(of: name, commitment: settings.detection)
            for mention in mentions.list.reversed()
            where mention.failure == nil && !idle.contains(mention.signature, for: name) {
                if let record = try await client.transaction(mention.signature, commitment: settings.detection) {
                    found.append((record, mention.timeSeconds))
                }
            }
        } catch {
            throw RailListFailure(reason: error.description)
        }
        return found
    }
}
