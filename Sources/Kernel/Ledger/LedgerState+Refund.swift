import Cryptography

extension LedgerState {
    /// Takes back each line's part of a refund by cumulative largest remainder, so that what a line has given back
    /// depends only on how much was refunded in all, and a full refund takes back exactly what each line got.
    mutating func refund(_ order: RefundOrder, command: Command, nowMs: Int64) throws(Refusal) -> Outcome {
        guard let refunded = refundedTotals[order.settlementID] ?? nil else {
            throw .settlementUnknown(order.settlementID)
        }
        let remaining = order.grossMinor - refunded
        let amount = order.amountMinor ?? remaining
        guard amount > 0, amount <= remaining else { throw .refundExceedsRemainder(remainingMinor: remaining) }

        let takeBacks = Self.parts(of: order.sources.map(\.amountMinor), from: refunded, to: refunded + amount)
        let givenBack = Self.givenBack(order, from: refunded, to: refunded + amount)

        var draft = EntryDraft()
        var receivables: [PayeePart] = []
        for (source, part) in zip(order.sources, takeBacks) where part != 0 && !order.isOwn(source) {
            let missing = reverse(source, part, order, draft: &draft)
            if missing > 0 { receivables.append(PayeePart(did: source.did, amountMinor: missing)) }
        }
        let changed: [Lifecycle]
        if order.destination == .balance {
            giveBack(.credit, givenBack[0], order, draft: &draft)
            giveBack(.cash, givenBack[1], order, draft: &draft)
            changed = []
        } else {
            do throws(Refusal) {
                changed = try send(amount, order, by: command.caller, nowMs: nowMs, draft: &draft)
            } catch {
                abandon(draft.opens)
                throw error
            }
        }
        let cause = EntryCause(kind: "refund", id: order.refundID, requestHash: command.requestHash)
        let entry = try post(draft, cause: cause, nowMs: nowMs)
        if !changed.isEmpty { keep(changed, name: cause.kind, note: order.refundID, entry: entry) }

        let row = RefundRow(
            order: order, amountMinor: amount, refundedMinor: refunded + amount, entrySeq: entry.seq,
            timeMs: entry.timeMs, identity: command.identity)
        refundedTotals[order.settlementID] = row.refundedMinor
        writes.refunds.append(row)
        undo?.append { state in
            state.refundedTotals[order.settlementID] = refunded
            state.writes.refunds.removeLast()
        }
        let body = SettlementReply.render(row, parts: takeBacks, receivables: receivables, entry: entry)
        return Outcome(status: 201, body: body, reference: order.refundID)
    }

    /// What returns to the payer's credit and cash: as much as was taken back from others, in the proportion in which
    /// it was paid. The payer's own lines moved nothing, and move nothing back.
    private static func givenBack(_ order: RefundOrder, from before: Int64, to after: Int64) -> [Int64] {
        let amounts = order.sources.map(\.amountMinor)
        func moved(_ parts: [Int64]) -> Int64 {
            zip(order.sources, parts).reduce(0) { order.isOwn($1.0) ? $0 : $0 + $1.1 }
        }
        let shares = [order.creditMinor, moved(amounts) - order.creditMinor]
        return parts(
            of: shares, from: moved(CumulativeSplit.parts(of: amounts, totalMinor: before)),
            to: moved(CumulativeSplit.parts(of: amounts, totalMinor: after)))
    }

    /// Gives the payer an amount back; a negative one, which largest remainder makes at most a unit large, is taken.
    private mutating func giveBack(
        _ kind: AccountKind, _ amountMinor: Int64, _ order: RefundOrder, draft: inout EntryDraft
    ) {
        let payer = order.payer.string
        if amountMinor < 0 {
            _ = takeBack(payer, kind, order.currency, -amountMinor, draft: &draft)
        } else if kind == .cash {
            payIn(payer, order.currency, amountMinor, draft: &draft)
        } else if amountMinor > 0 {
            let key = AccountKey(owner: payer, kind: kind, currency: order.currency)
            draft.credit(account(key, opening: &draft), amountMinor)
        }
    }

    /// Reverses one line; returns what its owner no longer had.
    ///
    /// A part can be negative: largest remainder may give a line one unit less of a larger total, and then the unit
    /// that it had given back too early returns to it.
    private mutating func reverse(
        _ source: RefundSource, _ part: Int64, _ order: RefundOrder, draft: inout EntryDraft
    ) -> Int64 {
        let did = source.did.string
        switch source.fee {
        case nil:
            guard part > 0 else {
                payIn(did, order.currency, -part, draft: &draft)
                return 0
            }
            return takeBack(did, .cash, order.currency, part, draft: &draft)
        case .buyerCredit:
            guard part > 0 else {
                let key = AccountKey(owner: order.payer.string, kind: .credit, currency: order.currency)
                draft.credit(account(key, opening: &draft), -part)
                return 0
            }
            return takeBack(order.payer.string, .credit, order.currency, part, draft: &draft)
        case .some(let kind):
            // What the rail took is not given back by it: the node bears it from here on.
            let key =
                order.destination.rail.map { kind == .rail ? AccountKey.railFees($0, order.currency) : nil }
                .flatMap(\.self) ?? AccountKey(kind: .fees, detail: kind.rawValue, currency: order.currency)
            draft.debit(account(key, opening: &draft), part)
            return 0
        }
    }

    /// What each share contributes when the total goes from one amount to a larger one; the result sums to the
    /// difference.
    static func parts(of shares: [Int64], from before: Int64, to after: Int64) -> [Int64] {
        let then = CumulativeSplit.parts(of: shares, totalMinor: before)
        let now = CumulativeSplit.parts(of: shares, totalMinor: after)
        return zip(now, then).map { $0 - $1 }
    }
}

/// Largest-remainder split of a part of a whole over the shares that make up the whole.
public enum CumulativeSplit {
    /// Splits `totalMinor` in proportion to `shares`, which are 0 or more and sum to at least `totalMinor`.
    ///
    /// Each part is floored; what is left goes one unit each to the largest remainders, ties to the earlier share.
    /// Exact: products are taken in 128 bits.
    public static func parts(of shares: [Int64], totalMinor: Int64) -> [Int64] {
        let whole = shares.reduce(Int128(0)) { $0 + Int128($1) }
        guard whole > 0, totalMinor > 0 else { return shares.map { _ in 0 } }
        precondition(Int128(totalMinor) <= whole, "a part is never more than its whole")
        var parts: [Int64] = []
        var remainders: [(remainder: Int128, index: Int)] = []
        var left = totalMinor
        for (index, share) in shares.enumerated() {
            let (quotient, remainder) = (Int128(share) * Int128(totalMinor)).quotientAndRemainder(dividingBy: whole)
            parts.append(Int64(quotient))
            left -= Int64(quotient)
            if remainder > 0 { remainders.append((remainder, index)) }
        }
        remainders.sort { $0.remainder != $1.remainder ? $0.remainder > $1.remainder : $0.index < $1.index }
        for entry in remainders.prefix(Int(left)) { parts[entry.index] += 1 }
        return parts
    }
}
