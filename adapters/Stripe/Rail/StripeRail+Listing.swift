import Kernel
public import Settlement

extension StripeRail {
    /// See ``Rail/list(since:limit:)``: the lines of our balance. The cursor is a line's identifier; a position without
    /// one begins at its time, and no position at the first line of all.
    public func list(
        since position: RailPosition?, limit: Int
    ) async throws(RailListFailure) -> RailPage {
        let count = min(max(limit, 1), Int(StripeCollection<StripeBalanceTransaction>.pageSize))
        let lines: [StripeBalanceTransaction]
        let hasMore: Bool
        do throws(StripeReadError) {
            if let position, let last = StripeID(position.cursor) {
                let page = try await client.newer(.balanceTransactions, than: last, limit: count)
                (lines, hasMore) = (page.data.reversed(), page.hasMore)
            } else {
                let filter = position.map { StripeFilter(createdFromMs: $0.timeMs) } ?? StripeFilter()
                let reading = try await client.list(.balanceTransactions, filter)
                guard reading.isWhole else {
                    throw .failed(StripeFailure(.answerMalformed, "too many lines to begin with: give a later time"))
                }
                lines = reading.elements.suffix(count).reversed()
                hasMore = reading.elements.count > count
            }
        } catch {
            throw RailListFailure(reason: error.description)
        }
        var records: [RailRecord] = []
        for line in lines { records.append(try Self.record(line)) }
        let next = lines.last.map { RailPosition(cursor: $0.id.text, timeMs: $0.createdAtMs) }
        return RailPage(records: records, next: next ?? position, hasMore: hasMore)
    }

    /// See ``Rail/balances()``.
    public func balances() async throws(RailListFailure) -> [RailBalance] {
        do throws(StripeReadError) {
            let balance = try await client.read(.balance(), as: StripeBalance.self)
            var totals: [String: (total: Int64, available: Int64)] = [:]
            for (parts, isAvailable) in [(balance.available, true), (balance.pending, false)] {
                for part in parts {
                    let money = try Self.money(part.amount, part.currency)
                    let before = totals[money.currency.code] ?? (0, 0)
                    let (total, overflow) = before.total.addingReportingOverflow(money.amountMinor)
                    guard !overflow else { throw StripeAmountError.overflow.reading }
                    totals[money.currency.code] = (total, isAvailable ? money.amountMinor : before.available)
                }
            }
            return totals.sorted { $0.key < $1.key }.map {
                RailBalance(currency: $0.key, totalMinor: $0.value.total, availableMinor: $0.value.available)
            }
        } catch {
            throw RailListFailure(reason: error.description)
        }
    }

    private static func money(_ amount: Int64, _ currency: String) throws(StripeReadError) -> Money {
        do throws(StripeAmountError) {
            return try StripeAmount(amount: amount, currency: currency).money()
        } catch {
            throw error.reading
        }
    }

    private static func record(_ line: StripeBalanceTransaction) throws(RailListFailure) -> RailRecord {
        do throws(StripeReadError) {
            let amount = try money(line.amount, line.currency)
            let fee = try money(line.fee, line.currency)
            return RailRecord(
                id: line.id.text, kind: kind(line.reportingCategory), subject: line.source?.text ?? "", reference: nil,
                amountMinor: amount.amountMinor, feeMinor: fee.amountMinor, currency: amount.currency.code,
                timeMs: line.createdAtMs)
        } catch {
            throw RailListFailure(reason: "line \(line.id): \(error.description)")
        }
    }

    /// Stripe's reporting categories (docs.stripe.com/reports/reporting-categories); an open set.
    static func kind(_ category: String) -> RailRecord.Kind {
        switch category {
        case "charge": .payment
        case "transfer": .payout
        case "transfer_reversal": .payoutReversal
        case "refund": .refund
        case "refund_failure": .refundFailure
        case "dispute": .dispute
        case "dispute_reversal": .disputeReversal
        case "fee": .fee
        case "topup": .topUp
        default: .other(category)
        }
    }
}

extension StripeAmountError {
    fileprivate var reading: StripeReadError { .failed(StripeFailure(.answerMalformed, "\(code): \(reason)")) }
}
