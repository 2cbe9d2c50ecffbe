public import Settlement

/// One transaction, for a person who looks at it.
public struct SolanaMovementReport: Hashable, Sendable {
    /// What one owner's accounts of a token changed by.
    public struct Change: Hashable, Sendable {
        /// Whose.
        public let owner: SolanaAddress
        /// The token.
        public let mint: SolanaAddress
        /// Its currency code; nil: none of the node's.
        public let currency: String?
        /// Base units, negative where it went away.
        public let changeMinor: Int128
    }

    /// The transaction's id.
    public let signature: SolanaSignature
    /// How sure it is that it stays.
    public let commitment: SolanaCommitment
    /// The slot of its block.
    public let slot: Int64
    /// Why it did nothing; nil: it was carried out.
    public let failure: String?
    /// What it cost.
    public let feeLamports: Int64
    /// Its first memo, where that is text.
    public let memo: String?
    /// What changed hands, by owner and token; who kept what they had is left out.
    public let changes: [Change]
}

extension SolanaRail {
    /// Reads a transaction; nil where no node knows it as confirmed.
    /// - Throws: where no node answers.
    public func report(on signature: SolanaSignature) async throws(RailListFailure) -> SolanaMovementReport? {
        do throws(SolanaRPCError) {
            for commitment in [SolanaCommitment.finalized, .confirmed] {
                if let record = try await client.transaction(signature, commitment: commitment) {
                    return report(on: record, commitment)
                }
            }
            return nil
        } catch {
            throw RailListFailure(reason: error.description)
        }
    }

    private func report(on record: SolanaRecord, _ commitment: SolanaCommitment) -> SolanaMovementReport {
        struct Holder: Hashable {
            let owner: SolanaAddress
            let mint: SolanaAddress
        }
        var sums: [Holder: Int128] = [:]
        var order: [Holder] = []
        for change in record.tokenChanges {
            let holder = Holder(owner: change.owner, mint: change.mint)
            if sums[holder] == nil { order.append(holder) }
            sums[holder, default: 0] += change.changeMinor
        }
        let memo = record.transaction.message.calls.first { call in
            record.accounts.indices.contains(Int(call.program))
                && record.accounts[Int(call.program)] == SolanaProgram.memo
        }
        return SolanaMovementReport(
            signature: record.transaction.id, commitment: commitment, slot: record.slot,
            failure: record.failure?.description, feeLamports: record.feeLamports,
            memo: memo.flatMap { String(validating: $0.data, as: UTF8.self) },
            changes: order.compactMap { holder in
                guard let change = sums[holder], change != 0 else { return nil }
                let currency = settings.tokens.first { $0.value.mint == holder.mint }?.key
                return SolanaMovementReport.Change(
                    owner: holder.owner, mint: holder.mint, currency: currency, changeMinor: change)
            })
    }
}
