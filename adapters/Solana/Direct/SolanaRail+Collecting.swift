import Cryptography
import Kernel
import Settlement

/// Payments in: to the treasury by a transfer request, or to all payees by a transaction that the payer signs. The node
/// signs nothing and sends nothing for them; it reads what landed.
extension SolanaRail {
    /// How long bytes that a payer fetched just in time may still land: the life of a blockhash and of its finality.
    static let graceMs: Int64 = 180_000

    /// Checks a payment, and draws its reference.
    func prepare(_ collect: CollectInstruction) async -> RailPreparation {
        do {
            let opened = SolanaOpened(reference: SolanaAddress(exactly: RandomBytes.generate(SolanaAddress.byteCount)))
            let request = try request(collect, opened)
            try request.checkSize(
                computePriceMicroLamports: settings.computePriceMicroLamports, withTable: makesAccounts)
            let standing = try await request.standing(client)
            try request.checkRecipients(standing)
            return .ready(opened.bytes)
        } catch let refusal as SolanaRequest.Refusal {
            // What is wrong with the treasury is the operator's to mend, not the payer's.
            return refusal.isOurs ? .unavailable(refusal.reason) : .refused(refusal.rail)
        } catch {
            return .unavailable("\(error)")
        }
    }

    /// Opens a payment: the chain knows nothing of it until it is paid, but for the lookup table of many payees.
    func open(_ collect: CollectInstruction, prepared: [UInt8]) async -> RailOutcome {
        guard let opened = SolanaOpened(bytes: prepared) else {
            return .unknown("what was stored is no reference of this rail")
        }
        do {
            if try needsTable(collect, opened), let openings = settings.openings {
                guard timing.nowMs() < collect.expiresAtMs else {
                    let reason = "the payment's time was over before its lookup table was made: check out again"
                    return .refused(RailRefusal(code: "payment_expired", reason: reason))
                }
                switch try await makeTable(try request(collect, opened), of: collect.paymentID, openings) {
                case .done: break
                case .waits(let reason): return .unknown(reason)
                case .overBudget:
                    let reason = "no more lookup tables are made today: pay through the node, without `direct`"
                    return .refused(RailRefusal(code: "account_budget", reason: reason))
                }
            }
        } catch {
            return .unknown("\(error)")
        }
        switch await find(collect, opened) {
        case .found(let facts): return facts.standing == .done ? .done(facts) : .pending(facts)
        case .absent, .unknown: return .pending(pending(collect, opened))
        }
    }

    private func needsTable(
        _ collect: CollectInstruction, _ opened: SolanaOpened
    ) throws(SolanaRequest.Refusal) -> Bool {
        guard collect.direct != nil else { return false }
        return try request(collect, opened).needsTable(
            computePriceMicroLamports: settings.computePriceMicroLamports)
    }

    /// What the chain has of a payment.
    func find(_ collect: CollectInstruction, prepared: [UInt8], reference: String) async -> RailAnswer {
        guard let opened = SolanaOpened(bytes: prepared) ?? SolanaAddress(reference).map(SolanaOpened.init(reference:))
        else { return .unknown("what was stored is no reference of this rail") }
        return await find(collect, opened)
    }

    /// Gives a payment up that nobody has paid. Who pays all the same is found by the watch, and a person looks at it.
    func giveUp(_ collect: CollectInstruction, reference: String) async -> RailAnswer {
        guard let opened = SolanaAddress(reference).map(SolanaOpened.init(reference:)) else {
            return .unknown("\(reference) is no reference of this rail")
        }
        let found = await find(collect, opened)
        guard case .found(var facts) = found, facts.standing == .pending else { return found }
        let nowMs = timing.nowMs()
        // What a payer signed at the last moment may be on its way.
        if nowMs >= collect.expiresAtMs, nowMs < collect.expiresAtMs + Self.graceMs { return found }
        do throws(SolanaRPCError) {
            let mentions = try await client.mentions(of: opened.reference, commitment: .confirmed)
            guard mentions.list.allSatisfy({ $0.failure != nil || idle.contains($0.signature, for: opened.reference) })
            else {
                return .found(facts)
            }
        } catch {
            return .unknown(error.description)
        }
        (facts.standing, facts.url) = (.cancelled, nil)
        return .found(facts)
    }

    func request(_ collect: CollectInstruction, _ opened: SolanaOpened) throws(SolanaRequest.Refusal) -> SolanaRequest {
        try SolanaRequest(collect, reference: opened.reference, treasury: address, tokens: settings.tokens)
    }

    private func pending(_ collect: CollectInstruction, _ opened: SolanaOpened) -> RailFacts {
        RailFacts(
            standing: .pending, reference: opened.reference.description, amountMinor: 0, url: url(collect, opened))
    }

    /// Walks all transactions that name the reference, for the first that paid what was asked, to the last unit. Failed
    /// ones and those that moved nothing are nobody's payment, whoever sent them. What moved something else may be
    /// another payment's: the watch looks at all that it names.
    private func find(_ collect: CollectInstruction, _ opened: SolanaOpened) async -> RailAnswer {
        do {
            let request = try request(collect, opened)
            let mentions = try await client.mentions(of: opened.reference, commitment: settings.detection)
            var isOdd = false
            for mention in mentions.list.reversed()
            where mention.failure == nil && !collect.disclaimed.contains(mention.signature.description) {
                if idle.contains(mention.signature, for: opened.reference) { continue }
                guard let record = try await client.transaction(mention.signature, commitment: settings.detection)
                else { return .unknown("the node has no details of \(mention.signature) yet") }
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
            guard mentions.isWhole else { return .unknown("more transactions name the payment than can be read") }
            // A payment whose table is not there is not open: opening it goes on.
            if try needsTable(collect, opened), try await table(request, of: collect.paymentID) == nil {
                return .absent
            }
            return .found(pending(collect, opened))
        } catch let refusal as SolanaRequest.Refusal {
            return .unknown(refusal.reason)
        } catch {
            return .unknown("\(error)")
        }
    }

    /// A link for wallets: a transfer to the treasury, or for a direct payment the address of its transaction.
    private func url(_ collect: CollectInstruction, _ opened: SolanaOpened) -> String? {
        guard collect.direct == nil else {
            return settings.payLink.map { SolanaPayURL.link("\($0)/\(collect.paymentID)") }
        }
        guard let token = settings.tokens[collect.currency],
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
