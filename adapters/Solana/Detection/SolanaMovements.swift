import Kernel
public import Settlement

/// One transaction that changed what a wallet of the node has of one token.
struct SolanaMovement {
    let currency: String
    let record: SolanaRecord
    /// What the wallet's account of the token grew by, base units; negative where it shrank.
    let changeMinor: Int64
    /// What all wallets of the node together grew by: what a former treasury sends to the treasury is no arrival.
    let arrivedMinor: Int64
    let timeSeconds: Int64?

    var signature: SolanaSignature { record.transaction.id }
    var timeMs: Int64 { (timeSeconds ?? 0) * 1_000 }
}

/// A page of movements, oldest first.
struct SolanaMovements {
    var list: [SolanaMovement] = []
    var next: RailPosition?
    var hasMore = false
    /// Why it ends before it should; what is in it counts.
    var stopped: String?
    /// Transactions before `next` that could not be read, with the reason.
    var unread: [(item: SolanaPosition.Unread, reason: String)] = []
}

extension SolanaRail {
    /// What happened to the treasury's token accounts since a position, oldest first.
    public func list(since position: RailPosition?, limit: Int) async throws(RailListFailure) -> RailPage {
        let page = try await movements(of: address, since: position, limit: limit)
        if let stopped = page.stopped, page.list.isEmpty { throw RailListFailure(reason: stopped) }
        // Whoever adds the list up must not miss one: what is unread is read first.
        if let unread = page.unread.first, !page.hasMore, page.stopped == nil, page.list.isEmpty {
            throw RailListFailure(reason: "\(unread.item.signature) cannot be read: \(unread.reason)")
        }
        let records = page.list.map { movement in
            RailRecord(
                id: "\(movement.signature):\(movement.currency)", kind: movement.changeMinor < 0 ? .payout : .payment,
                subject: movement.signature.description, reference: movement.record.memo,
                amountMinor: movement.changeMinor, feeMinor: 0, currency: movement.currency, timeMs: movement.timeMs)
        }
        let isMore = page.hasMore || page.stopped != nil || !page.unread.isEmpty
        return RailPage(records: records, next: page.next, hasMore: isMore)
    }

    /// Signatures that are kept of one token's list; the newer ones are read later.
    private static let oldestMax = 20_000
    /// Some ten minutes.
    private static let slotStep: Int64 = 1_500
    /// Details of one page at most, where very many wait: the list is paged through for each.
    private static let detailsMax = 1_000

    /// Reads the signatures of every token account of a wallet since a position, and the details of the oldest of
    /// them: `limit`, or more where very many wait. Failed transactions and those that changed nothing are passed over;
    /// one that cannot be read is remembered in the position and tried again.
    /// - Parameters:
    ///   - wallet: the treasury, or a former one.
    ///   - readsAgain: whether what could not be read before is tried now.
    func movements(
        of wallet: SolanaAddress, since position: RailPosition?, limit: Int, readsAgain: Bool = true
    ) async throws(RailListFailure) -> SolanaMovements {
        var state = try SolanaPosition(position)
        var page = SolanaMovements(next: position)
        do throws(SolanaRPCError) {
            if readsAgain { try await readAgain(wallet, &state, &page) }
            // A node whose history begins after what was read last would hide what came between.
            let head = try await client.head(settings.detection, since: state.slot)
            var waiting: [(currency: String, mention: SolanaClient.Mention)] = []
            for (currency, token) in settings.tokens.sorted(by: { $0.key < $1.key }) {
                let mentions = try await client.mentions(
                    of: token.account(of: wallet), until: state.last[currency], commitment: settings.detection,
                    oldest: Self.oldestMax, at: head)
                guard !mentions.isCutOff else {
                    throw SolanaRPCError(.refused, "the list of \(currency) is too long")
                }
                page.hasMore = page.hasMore || !mentions.isWhole
                waiting += mentions.list.reversed().map { (currency, $0) }
            }
            try await read(wallet, Self.ordered(waiting), limit, &state, &page)
            // That there was nothing more is remembered now and then.
            if !page.hasMore, head.slot >= (state.slot ?? 0) + Self.slotStep {
                state.slot = head.slot
                page.next = state.position
            }
        } catch {
            page.stopped = error.description
        }
        return page
    }

    /// Tries again what could not be read before.
    private func readAgain(
        _ wallet: SolanaAddress, _ state: inout SolanaPosition, _ page: inout SolanaMovements
    ) async throws(SolanaRPCError) {
        for item in state.unread {
            switch try await details(item, wallet) {
            case .movement(let movement):
                if movement.changeMinor != 0 { page.list.append(movement) }
                state.unread.removeAll { $0 == item }
                page.next = state.position
            case .unread(let reason): page.unread.append((item, reason))
            }
        }
    }

    private func read(
        _ wallet: SolanaAddress, _ waiting: [(currency: String, mention: SolanaClient.Mention)], _ limit: Int,
        _ state: inout SolanaPosition, _ page: inout SolanaMovements
    ) async throws(SolanaRPCError) {
        let most = max(limit, min(waiting.count / 20, Self.detailsMax), 1)
        var looked = 0
        for (currency, mention) in waiting {
            guard looked < most else {
                page.hasMore = true
                return
            }
            if mention.failure == nil {
                looked += 1
                let item = SolanaPosition.Unread(
                    currency: currency, signature: mention.signature, timeSeconds: mention.timeSeconds)
                switch try await details(item, wallet) {
                case .movement(let movement): if movement.changeMinor != 0 { page.list.append(movement) }
                case .unread(let reason):
                    guard state.unread.count < SolanaPosition.unreadMax else {
                        throw SolanaRPCError(.refused, "\(state.unread.count) transactions cannot be read")
                    }
                    state.unread.append(item)
                    page.unread.append((item, reason))
                }
            }
            state.last[currency] = mention.signature
            state.slot = max(state.slot ?? 0, mention.slot)
            state.timeMs = max(state.timeMs, (mention.timeSeconds ?? 0) * 1_000)
            page.next = state.position
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

    private enum Details {
        case movement(SolanaMovement)
        /// Details come a little after the signature; what a node says that cannot be understood is another matter, and
        /// is treated alike.
        case unread(String)
    }

    private func details(
        _ item: SolanaPosition.Unread, _ wallet: SolanaAddress
    ) async throws(SolanaRPCError) -> Details {
        guard let token = settings.tokens[item.currency] else {
            return .unread("\(item.currency) is no longer dealt in")
        }
        let record: SolanaRecord
        do throws(SolanaRPCError) {
            guard let found = try await client.transaction(item.signature, commitment: settings.detection) else {
                return .unread("no node has its details")
            }
            record = found
        } catch {
            guard error.code == .answerMalformed || error.code == .refused else { throw error }
            return .unread(error.description)
        }
        // Only what was carried out is asked about.
        guard record.failure == nil else { return .unread("its details say that it failed, and its status does not") }
        guard let change = record.change(ofAccounts: [token.account(of: wallet)], token),
            let arrived = record.change(ofAccounts: wallets.map { token.account(of: $0) }, token)
        else { return .unread("it moves more than fits") }
        return .movement(
            SolanaMovement(
                currency: item.currency, record: record, changeMinor: change, arrivedMinor: max(arrived, 0),
                timeSeconds: item.timeSeconds))
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
