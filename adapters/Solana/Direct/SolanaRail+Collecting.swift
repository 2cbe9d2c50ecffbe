import Cryptography
import Kernel
import Settlement

/// Payments in: to the treasury by a transfer request, or to all payees by a transaction that the payer signs. The node
/// signs nothing and sends nothing for them; it reads what landed.
extension SolanaRail {
    /// How long bytes that a payer fetched just in time may still land: the life of a blockhash and of its finality.
    static let graceMs: Int64 = 180_000
    /// Details that one look at a payment reads.
    private static let detailsPerLook = 200

    /// Checks a payment, and draws its reference.
    func prepare(_ collect: CollectInstruction) async -> RailPreparation {
        do {
            let opened = SolanaOpened(reference: SolanaAddress(exactly: RandomBytes.generate(SolanaAddress.byteCount)))
            var request = try request(collect, opened)
            try request.checkSize(
                computePriceMicroLamports: settings.computePriceMicroLamports, withTable: makesAccounts)
            let standing = try await request.standing(client)
            request.heed(standing)
            try request.checkSize(
                computePriceMicroLamports: settings.computePriceMicroLamports, withTable: makesAccounts)
            try request.checkRecipients(standing, allowsMissing: makesAccounts)
            return .ready(opened.bytes)
        } catch let refusal as SolanaRequest.Refusal {
            // What is wrong with the treasury is the operator's to mend, not the payer's.
            return refusal.isOurs ? .unavailable(refusal.reason) : .refused(refusal.rail)
        } catch {
            return .unavailable("\(error)")
        }
    }

    /// Opens a payment: the chain knows nothing of it until it is paid, but for what a direct one needs there before,
    /// payees' accounts of the token and a lookup table for many of them.
    func open(_ collect: CollectInstruction, prepared: [UInt8]) async -> RailOutcome {
        guard let opened = SolanaOpened(bytes: prepared) else {
            return .unknown("what was stored is no reference of this rail")
        }
        do {
            if collect.direct != nil, let openings = settings.openings,
                let obstacle = try await makeWay(try request(collect, opened), collect, openings)
            {
                return obstacle
            }
        } catch let refusal as SolanaRequest.Refusal {
            return refusal.isOurs ? .unknown(refusal.reason) : .refused(refusal.rail)
        } catch {
            return .unknown("\(error)")
        }
        switch await find(collect, opened, isOpening: false) {
        case .found(let facts): return facts.standing == .done ? .done(facts) : .pending(facts)
        case .absent, .unknown: return .pending(pending(collect, opened))
        }
    }

    /// Makes what a direct payment needs on the chain before anybody can pay it.
    /// - Returns: why it is not there; nil: it is.
    private func makeWay(
        _ request: SolanaRequest, _ collect: CollectInstruction, _ openings: SolanaOpenings
    ) async throws -> RailOutcome? {
        var request = request
        let standing = try await request.standing(client)
        request.heed(standing)
        let missing = try request.checkRecipients(standing, allowsMissing: makesAccounts)
        let needsTable = try request.needsTable(computePriceMicroLamports: settings.computePriceMicroLamports)
        guard !missing.isEmpty || needsTable else { return nil }
        guard timing.nowMs() < collect.expiresAtMs else {
            let reason = "the payment's time was over before everything for it was made: check out again"
            return .refused(RailRefusal(code: "payment_expired", reason: reason))
        }
        for (wallet, obstacle) in await open(request.token, for: missing, openings, isAllOrNone: true) {
            switch obstacle {
            case .ready: continue
            case .refused(let refusal): return .refused(refusal)
            case .unavailable(let reason):
                return reason.hasPrefix(Self.budgetCode) ? .refused(Self.overBudget) : .unknown("\(wallet): \(reason)")
            }
        }
        guard needsTable else { return nil }
        switch try await makeTable(request, of: collect.paymentID, openings) {
        case .done: return nil
        case .waits(let reason): return .unknown(reason)
        case .overBudget: return .refused(Self.overBudget)
        }
    }

    private static let overBudget = RailRefusal(
        code: budgetCode, reason: "the node pays for nothing more today: pay through it, without `direct`")

    /// What the chain has of a payment.
    func find(_ collect: CollectInstruction, prepared: [UInt8], reference: String) async -> RailAnswer {
        guard let opened = SolanaOpened(bytes: prepared) ?? SolanaAddress(reference).map(SolanaOpened.init(reference:))
        else { return .unknown("what was stored is no reference of this rail") }
        return await find(collect, opened, isOpening: reference.isEmpty)
    }

    /// Gives a payment up that nobody has paid. Who pays all the same is found by the watch, and a person looks at it.
    func giveUp(_ collect: CollectInstruction, reference: String) async -> RailAnswer {
        guard let opened = SolanaAddress(reference).map(SolanaOpened.init(reference:)) else {
            return .unknown("\(reference) is no reference of this rail")
        }
        let found = await find(collect, opened, isOpening: false)
        guard case .found(var facts) = found, facts.standing == .pending else { return found }
        let nowMs = timing.nowMs()
        // What a payer signed at the last moment may be on its way.
        if nowMs >= collect.expiresAtMs, nowMs < collect.expiresAtMs + Self.graceMs { return found }
        do throws(SolanaRPCError) {
            let mentions = try await mentions(of: opened.reference, .confirmed)
            let isUnpaid = mentions.list.allSatisfy { mention in
                mention.failure != nil || idle.contains(mention.signature, for: opened.reference)
                    || collect.disclaimed.contains(mention.signature.description)
            }
            guard isUnpaid else { return .found(facts) }
        } catch {
            return .unknown(error.description)
        }
        (facts.standing, facts.url) = (.cancelled, nil)
        return .found(facts)
    }

    func request(_ collect: CollectInstruction, _ opened: SolanaOpened) throws(SolanaRequest.Refusal) -> SolanaRequest {
        try SolanaRequest(
            collect, reference: opened.reference, treasury: address, former: settings.formerTreasuries,
            tokens: settings.tokens)
    }

    private func pending(_ collect: CollectInstruction, _ opened: SolanaOpened) -> RailFacts {
        RailFacts(
            standing: .pending, reference: opened.reference.description, amountMinor: 0, url: url(collect, opened))
    }

    /// Walks all transactions that name the reference, for the first that paid what was asked, to the last unit. Failed
    /// ones and those that moved nothing are nobody's payment, whoever sent them. What moved something else may be
    /// another payment's: the watch looks at all that it names.
    /// - Parameter isOpening: whether nobody was told of it yet: it is absent while something is to be made for it.
    private func find(
        _ collect: CollectInstruction, _ opened: SolanaOpened, isOpening: Bool
    ) async -> RailAnswer {
        do {
            let request = try request(collect, opened)
            let mentions = try await mentions(of: opened.reference)
            defer { idle.settle(mentions, of: opened.reference) }
            var (isOdd, unread, left) = (false, nil as SolanaSignature?, Self.detailsPerLook)
            for mention in mentions.list.reversed()
            where mention.failure == nil && !collect.disclaimed.contains(mention.signature.description) {
                if idle.contains(mention.signature, for: opened.reference) { continue }
                guard left > 0 else { return .unknown("many transactions name the payment: it is read on") }
                left -= 1
                guard let record = try await details(mention.signature) else {
                    unread = mention.signature
                    continue
                }
                guard let facts = request.facts(record, timeSeconds: mention.timeSeconds) else {
                    idle.insert(mention.signature, for: opened.reference)
                    continue
                }
                if request.isExact(facts) { return .found(facts) }
                isOdd = true
            }
            // What is not given up while it may be waiting for the watch.
            guard !isOdd || timing.nowMs() < collect.expiresAtMs else {
                return .unknown("something landed that is not what was asked for; the watch books it")
            }
            if let unread { return .unknown("the node has no details of \(unread) yet") }
            guard mentions.isWhole else { return .unknown("more transactions name the payment than can be read") }
            if isOpening, collect.direct != nil, try await !isReady(request, collect) { return .absent }
            return .found(pending(collect, opened))
        } catch let refusal as SolanaRequest.Refusal {
            return .unknown(refusal.reason)
        } catch {
            return .unknown("\(error)")
        }
    }

    /// Whether everything is there that a direct payment needs on the chain.
    private func isReady(_ request: SolanaRequest, _ collect: CollectInstruction) async throws -> Bool {
        var request = request
        let standing = try await request.standing(client)
        request.heed(standing)
        // Where a payee cannot be paid any more, opening it goes on and says so.
        guard let missing = try? request.checkRecipients(standing, allowsMissing: true), missing.isEmpty else {
            return false
        }
        guard try request.needsTable(computePriceMicroLamports: settings.computePriceMicroLamports) else { return true }
        return try await table(request, of: collect.paymentID) != nil
    }

    /// A link for wallets: a transfer to the treasury, or the address of a transaction for a direct payment, and for
    /// one in SOL, which wallets wrap by it.
    private func url(_ collect: CollectInstruction, _ opened: SolanaOpened) -> String? {
        guard let token = settings.tokens[collect.currency] else { return nil }
        let link = settings.payLink.map { SolanaPayURL.link("\($0)/\(collect.paymentID)") }
        guard collect.direct == nil else { return link }
        if token.isNative, let link { return link }
        guard
            let request = try? SolanaTransferRequest(
                recipient: address,
                amount: SolanaAmount.text(UInt64(max(collect.amountMinor, 0)), decimals: token.decimals),
                token: token.mint, references: [opened.reference], label: settings.label,
                message: collect.description, memo: collect.paymentID)
        else { return nil }
        return try? SolanaPayURL.transfer(request).text()
    }
}

extension SolanaPayURL {
    /// The link to a transaction request. Wallets take https only; a development node on loopback is for tests.
    static func link(_ address: String) -> String {
        (try? SolanaPayURL.transaction(link: address).text()) ?? "solana:\(encode(address))"
    }
}
