import Kernel
public import Settlement

/// Finds what payers did on the chain, and has the ledger book it: everything that reached the treasury, under a
/// payment of ours or under none, and direct payments by their references, while they are open and for an hour after.
///
/// A pass may be repeated, interrupted, and run by two at once: an arrival is booked once. The position in the
/// treasury's list moves only past what the ledger has taken.
public struct SolanaWatcher: Sendable {
    let rail: SolanaRail
    let ledger: any LedgerStore & LifecycleStore
    private let worker: RailWorker
    private let positions: any RailPositionStore
    let clock: @Sendable () -> Int64

    /// What the position in a wallet's list is stored under.
    private static func listName(_ wallet: SolanaAddress) -> String { "solana:\(wallet)" }
    /// Movements of one page.
    public static let pageMax = 100
    /// Pages of one pass; the next one goes on.
    public static let pagesMax = 50
    /// The newest payments, whose direct ones are asked about also after their end; each is one question.
    public static let directMax = 300
    /// Open payments that one pass looks through.
    static let openMax = 10_000
    /// Details come seconds after the signature; later than this a person should know.
    static let unreadMs: Int64 = 120_000
    /// Details of one payment's mentions that one pass reads: whoever names it often keeps no other waiting.
    static let mentionsMax = 20
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

    /// Looks once, at everything.
    /// - Throws: failures of the ledger. What the chain's nodes do not answer is told in the outcome.
    public func pass() async throws(LedgerFailure) -> Outcome {
        var outcome = try await wallets()
        try await watchDirect(&outcome)
        try await watchOpenings(&outcome)
        return outcome
    }

    /// Looks once at what reached the node's wallets.
    /// - Throws: failures of the ledger.
    public func wallets() async throws(LedgerFailure) -> Outcome {
        var outcome = Outcome()
        for wallet in rail.wallets { try await watchWallet(wallet, &outcome) }
        return outcome
    }

    /// Looks once at direct payments, which may pass the node by.
    /// - Throws: failures of the ledger.
    public func directPayments() async throws(LedgerFailure) -> Outcome {
        var outcome = Outcome()
        try await watchDirect(&outcome)
        return outcome
    }

    /// Looks once at what the node makes for payees and payments.
    /// - Throws: failures of the ledger.
    public func openings() async throws(LedgerFailure) -> Outcome {
        var outcome = Outcome()
        try await watchOpenings(&outcome)
        return outcome
    }

    /// Reads on in the list of a wallet of the node.
    private func watchWallet(_ wallet: SolanaAddress, _ outcome: inout Outcome) async throws(LedgerFailure) {
        let listName = Self.listName(wallet)
        var position = try await positions.position(of: listName)
        var unread: [String: (timeSeconds: Int64, reason: String)] = [:]
        defer { outcome.unread += late(unread) }
        for number in 0..<Self.pagesMax {
            let page: SolanaMovements
            do throws(RailListFailure) {
                page = try await rail.movements(
                    of: wallet, since: position, limit: Self.pageMax, readsAgain: number == 0)
            } catch {
                outcome.stopped = outcome.stopped ?? error.reason
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
            outcome.stopped = outcome.stopped ?? page.stopped
            guard page.stopped == nil, page.hasMore else { return }
        }
    }

    /// Those that should be readable by now, with the reason.
    private func late(_ unread: [String: (timeSeconds: Int64, reason: String)]) -> [String] {
        unread.filter { $0.value.timeSeconds < (clock() - Self.unreadMs) / 1_000 }
            .map { "\($0.key): \($0.value.reason)" }.sorted()
    }

    /// Asks about direct payments that are open, however late, or were a short time ago: what is paid past the node
    /// shows nowhere else.
    private func watchDirect(_ outcome: inout Outcome) async throws(LedgerFailure) {
        var rows: [String: LifecycleRow] = [:]
        var filter = LifecycleFilter(kind: .payment, limit: Self.directMax)
        filter.rail = rail.name
        for row in try await ledger.lifecycles(filter) { rows[row.id] = row }
        filter.statuses = [Payment.Status.opening, .pending].map(\.rawValue)
        repeat {
            let page = try await ledger.lifecycles(filter)
            for row in page { rows[row.id] = row }
            filter.before = page.count == Self.directMax ? page.last?.id : nil
        } while filter.before != nil && rows.count < Self.openMax
        for row in rows.values.sorted(by: { $0.id > $1.id }) {
            guard case .payment(let payment) = row.lifecycle, payment.direct != nil,
                let name = SolanaAddress(payment.reference),
                payment.status == .opening || payment.status == .pending
                    || payment.expiresAtMs + Self.watchMs > clock()
            else { continue }
            do {
                try await watchDirect(payment, name, &outcome)
            } catch let error as LedgerFailure {
                throw error
            } catch {
                outcome.stopped = outcome.stopped ?? "\(error)"
            }
        }
    }

    /// Reads the transactions that name a direct payment, oldest first. What did nothing for it is remembered as soon
    /// as that is known, so that whoever is stopped in between has got further; and what cannot be read stops nothing.
    private func watchDirect(_ payment: Payment, _ name: SolanaAddress, _ outcome: inout Outcome) async throws {
        let mentions = try await rail.mentions(of: name)
        defer { rail.idle.settle(mentions, of: name) }
        var left = Self.mentionsMax
        for mention in mentions.list.reversed()
        where mention.failure == nil && !rail.idle.contains(mention.signature, for: name) {
            guard left > 0 else { return }
            left -= 1
            guard let record = try await rail.details(mention.signature) else { continue }
            // What reached the treasury only is left to its own list.
            let arrival = try await arrival(
                record, payment.currency, timeSeconds: mention.timeSeconds, treasuryMinor: 0)
            if let arrival, try await !take(arrival, &outcome) { continue }
            rail.idle.insert(record.transaction.id, for: name)
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
    /// one that it did most for.
    /// - Returns: nil where it moved nothing for anybody.
    private func arrival(
        _ record: SolanaRecord, _ currency: String, timeSeconds: Int64?, treasuryMinor: Int64
    ) async throws(LedgerFailure) -> RailArrival? {
        let signature = record.transaction.id.description
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
            if let best {
                guard isPaid == best.isPaid ? facts.amountMinor > best.facts.amountMinor : isPaid else { continue }
            }
            best = (payment.id, facts, isPaid)
        }
        guard best != nil || treasuryMinor > 0 else { return nil }
        var facts = RailFacts(
            standing: .done, reference: signature, amountMinor: treasuryMinor, feeMinor: 0, source: signature)
        facts.movement = signature
        return RailArrival(
            movement: signature, currency: currency, paymentID: best?.id, facts: best?.facts ?? facts,
            timeMs: (timeSeconds ?? 0) * 1_000)
    }
}

extension SolanaRecord {
    /// Names that a transaction may give a payment by: all that it does not call, however wallets use them.
    var names: [SolanaAddress] {
        let called = Set(transaction.message.calls.map { Int($0.program) })
        return accounts.indices.filter { !called.contains($0) }.map { accounts[$0] }
    }
}

extension SolanaRail {
    /// Transactions that name a payment, but for the oldest, of which all is known.
    func mentions(
        of name: SolanaAddress, _ commitment: SolanaCommitment? = nil
    ) async throws(SolanaRPCError) -> SolanaClient.Mentions {
        try await client.mentions(of: name, until: idle.mark(of: name), commitment: commitment ?? settings.detection)
    }

    /// A transaction with what it did; nil: no node has it yet, or what they say of it cannot be understood.
    func details(_ signature: SolanaSignature) async throws(SolanaRPCError) -> SolanaRecord? {
        do throws(SolanaRPCError) {
            return try await client.transaction(signature, commitment: settings.detection)
        } catch {
            guard error.code == .answerMalformed || error.code == .refused else { throw error }
            return nil
        }
    }
}
