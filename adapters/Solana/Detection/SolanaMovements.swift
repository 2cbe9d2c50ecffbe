import Cryptography
import Kernel
public import Settlement

/// One transaction that changed what the treasury has of one token.
struct SolanaMovement {
    let currency: String
    let record: SolanaRecord
    /// What the treasury's account of the token grew by, base units; negative where it shrank.
    let changeMinor: Int64
    let timeSeconds: Int64?

    var signature: SolanaSignature { record.transaction.id }
    var timeMs: Int64 {
        let (product, overflow) = (timeSeconds ?? 0).multipliedReportingOverflow(by: 1_000)
        return overflow ? 0 : product
    }
}

/// A page of movements, oldest first.
struct SolanaMovements {
    var list: [SolanaMovement] = []
    var next: RailPosition?
    var hasMore = false
}

/// Where a reading of the treasury's accounts stands: the last transaction read of each token.
struct SolanaPosition {
    var last: [String: SolanaSignature] = [:]
    var timeMs: Int64 = 0

    private static let limits = JSONLimits(depth: 2, members: 100, bytes: 16 * 1_024)

    init(_ position: RailPosition?) throws(RailListFailure) {
        guard let position else { return }
        timeMs = position.timeMs
        guard let root = try? JSONDocument(parsing: Array(position.cursor.utf8), limits: Self.limits).root else {
            throw RailListFailure(reason: "this is no position of the Solana rail")
        }
        for (currency, value) in root.members {
            guard let signature = value.string.flatMap({ SolanaSignature($0) }) else {
                throw RailListFailure(reason: "this is no position of the Solana rail")
            }
            last[String(currency)] = signature
        }
    }

    var position: RailPosition {
        var writer = JSONWriter()
        writer.beginObject()
        for (currency, signature) in last.sorted(by: { $0.key < $1.key }) {
            writer.field(currency, signature.description)
        }
        writer.endObject()
        return RailPosition(cursor: String(decoding: writer.bytes, as: UTF8.self), timeMs: timeMs)
    }
}

extension SolanaRail {
    /// What happened to the treasury's token accounts since a position, oldest first.
    public func list(since position: RailPosition?, limit: Int) async throws(RailListFailure) -> RailPage {
        let page = try await movements(since: position, limit: limit)
        let records = page.list.map { movement in
            RailRecord(
                id: "\(movement.signature):\(movement.currency)", kind: movement.changeMinor < 0 ? .payout : .payment,
                subject: movement.signature.description, reference: movement.record.memo,
                amountMinor: movement.changeMinor, feeMinor: 0, currency: movement.currency, timeMs: movement.timeMs)
        }
        return RailPage(records: records, next: page.next, hasMore: page.hasMore)
    }

    /// Reads the signatures of every token account of the treasury since a position, and the details of the oldest
    /// `limit` of them. Failed transactions and those that changed nothing are passed over.
    func movements(since position: RailPosition?, limit: Int) async throws(RailListFailure) -> SolanaMovements {
        var state = try SolanaPosition(position)
        var page = SolanaMovements(next: position)
        do throws(SolanaRPCError) {
            var waiting: [(currency: String, mention: SolanaClient.Mention)] = []
            for (currency, token) in settings.tokens.sorted(by: { $0.key < $1.key }) {
                let mentions = try await client.mentions(
                    of: token.account(of: address), until: state.last[currency], commitment: settings.detection)
                guard mentions.isWhole else { throw SolanaRPCError(.refused, "the list of \(currency) is too long") }
                waiting += mentions.list.reversed().map { (currency, $0) }
            }
            for (currency, mention) in Self.ordered(waiting) {
                guard page.list.count < max(limit, 1) else {
                    page.hasMore = true
                    break
                }
                if mention.failure == nil {
                    guard let movement = try await movement(mention, currency) else {
                        // Details come a little after the signature: what follows waits for them.
                        break
                    }
                    if movement.changeMinor != 0 { page.list.append(movement) }
                }
                state.last[currency] = mention.signature
                state.timeMs = max(state.timeMs, (mention.timeSeconds ?? 0).multipliedReportingOverflow(by: 1_000).0)
                page.next = state.position
            }
            return page
        } catch {
            throw RailListFailure(reason: error.description)
        }
    }

    /// By slot; within one account the chain's own order stays.
    private static func ordered(
        _ waiting: [(currency: String, mention: SolanaClient.Mention)]
    ) -> [(currency: String, mention: SolanaClient.Mention)] {
        waiting.enumerated().sorted {
            ($0.element.mention.slot, $0.offset) < ($1.element.mention.slot, $1.offset)
        }.map(\.element)
    }

    private func movement(
        _ mention: SolanaClient.Mention, _ currency: String
    ) async throws(SolanaRPCError) -> SolanaMovement? {
        guard let token = settings.tokens[currency],
            let record = try await client.transaction(mention.signature, commitment: settings.detection)
        else { return nil }
        guard let change = record.change(ofAccount: token.account(of: address), token) else {
            throw .malformed("getTransaction")
        }
        return SolanaMovement(
            currency: currency, record: record, changeMinor: record.failure == nil ? change : 0,
            timeSeconds: mention.timeSeconds)
    }
}

extension SolanaRecord {
    /// Bytes of a memo that may be one of our references.
    private static let memoBytesMax = 80

    /// The first memo, where it is short enough to be a reference of ours.
    var memo: String? {
        for call in transaction.message.calls
        where transaction.message.accounts[Int(call.program)] == SolanaProgram.memo {
            guard call.data.count <= Self.memoBytesMax else { return nil }
            return String(validating: call.data, as: UTF8.self)
        }
        return nil
    }
}
