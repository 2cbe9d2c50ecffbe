package import Kernel

/// Judges what landed by how much everybody's accounts grew, never by how the transaction is laid out: wallets put
/// instructions of their own before, between and behind.
extension SolanaRequest {
    /// What a transaction did for this payment; nil: nothing, or it failed, or does not name it.
    /// - Parameter timeSeconds: when its block was made.
    package func facts(_ record: SolanaRecord, timeSeconds: Int64?) -> RailFacts? {
        guard record.failure == nil, record.accounts.contains(references[0]), !countsOld(record) else { return nil }
        let signature = record.transaction.id.description
        var facts = RailFacts(
            standing: .done, reference: references[0].description, amountMinor: 0, feeMinor: 0, source: signature)
        facts.movement = signature
        guard let grown = record.change(ofAccounts: nodeAccounts, token) else { return nil }
        let node = max(grown, 0)
        guard isDirect else {
            guard node > 0 else { return nil }
            facts.amountMinor = node
            return facts
        }
        guard let parts = parts(record) else { return nil }
        let (sum, overflow) = parts.reduce((node, false)) { total, part in
            let (next, overflow) = total.0.addingReportingOverflow(part.amountMinor)
            return (next, total.1 || overflow)
        }
        guard sum > 0, !overflow else { return nil }
        facts.amountMinor = sum
        facts.landed = LandedSplit(
            nodeMinor: node, parts: parts, refusal: refusal(record, node, parts, timeSeconds: timeSeconds))
        return facts
    }

    /// Whether it only counts as wrapped what lay as plain SOL in an account before: that is not what its sender paid,
    /// whoever had left it there. For tokens other than SOL there is no such thing.
    private func countsOld(_ record: SolanaRecord) -> Bool {
        guard token.isNative else { return false }
        let payees = Set(dues.map(\.wallet))
        return record.tokenChanges.contains { change in
            guard change.mint == token.mint, change.changeMinor > 0, record.accounts.indices.contains(change.account)
            else { return false }
            let account = record.accounts[change.account]
            guard nodeAccounts.contains(account) || payees.contains(change.owner) else { return false }
            return record.lamportChange(of: account).map { change.changeMinor > Int128($0) } ?? true
        }
    }

    /// Whether it is what was asked for, to the last unit.
    package func isExact(_ facts: RailFacts) -> Bool {
        facts.landed.map { $0.refusal == nil } ?? (facts.amountMinor == totalMinor)
    }

    /// What each payee got, zeros left out; nil past 64 bits. Payees who share a wallet are filled in their order.
    private func parts(_ record: SolanaRecord) -> [LandedSplit.Part]? {
        let signers = record.transaction.message.signers
        var left: [SolanaAddress: Int64] = [:]
        for due in dues where !due.did.isEmpty && left[due.wallet] == nil {
            guard let change = record.change(of: due.wallet, mint: token.mint, program: token.program) else {
                return nil
            }
            guard signers.contains(due.wallet) else {
                left[due.wallet] = max(change, 0)
                continue
            }
            // A payee who pays gets the own part as well: the account shrank by that much less.
            let (grown, overflow) = change.addingReportingOverflow(totalMinor)
            guard !overflow else { return nil }
            let own = dues.filter { $0.wallet == due.wallet }.reduce(Int64(0)) { $0 + $1.amountMinor }
            left[due.wallet] = min(max(grown, 0), own)
        }
        var parts: [LandedSplit.Part] = []
        let payees = dues.filter { !$0.did.isEmpty }
        for (index, due) in payees.enumerated() {
            let available = left[due.wallet] ?? 0
            let isLast = !payees[(index + 1)...].contains { $0.wallet == due.wallet }
            let amount = isLast ? available : min(available, due.amountMinor)
            left[due.wallet] = available - amount
            if amount > 0 { parts.append(LandedSplit.Part(did: due.did, amountMinor: amount)) }
        }
        return parts
    }

    private func refusal(
        _ record: SolanaRecord, _ node: Int64, _ parts: [LandedSplit.Part], timeSeconds: Int64?
    ) -> RailRefusal? {
        let asked = dues.map { ($0.did, $0.amountMinor) }
        let got = parts.map { ($0.did, $0.amountMinor) } + (node > 0 ? [("", node)] : [])
        let isExact =
            asked.count == got.count && zip(asked, got).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
        guard isExact else {
            let paid = Dictionary(got, uniquingKeysWith: &+)
            let isPartial = asked.allSatisfy { paid[$0.0, default: 0] <= $0.1 }
            return RailRefusal(
                code: isPartial ? "payment_partial" : "payment_altered",
                reason: "the payees got something else than was asked for; it stands as it landed")
        }
        guard references.allSatisfy({ record.accounts.contains($0) }) else {
            return RailRefusal(code: "payment_altered", reason: "the transaction does not name the manifest")
        }
        if let timeSeconds, timeSeconds > (expiresAtMs + SolanaRail.graceMs) / 1_000 {
            return RailRefusal(code: "payment_late", reason: "it landed after the payment's time was over")
        }
        return nil
    }
}

extension SolanaRecord {
    /// By how much some token accounts grew together, in base units; nil past 64 bits.
    func change(ofAccounts some: [SolanaAddress], _ token: SolanaToken) -> Int64? {
        Int64(
            exactly: tokenChanges.reduce(Int128(0)) { sum, change in
                guard accounts.indices.contains(change.account), some.contains(accounts[change.account]),
                    change.mint == token.mint, change.program == token.program
                else { return sum }
                return sum + change.changeMinor
            })
    }
}
