import Cryptography

extension SolanaClient {
    /// A transaction that names an address.
    public struct Mention: Hashable, Sendable {
        /// Its id.
        public let signature: SolanaSignature
        /// The slot of its block.
        public let slot: Int64
        /// Why it did nothing; nil: it was carried out.
        public let failure: SolanaTransactionFailure?
        /// When its block was made, seconds since 1970; nil: the node does not know.
        public let timeSeconds: Int64?
    }

    /// Transactions that name an address.
    public struct Mentions: Hashable, Sendable {
        /// The latest first.
        public let list: [Mention]
        /// Whether these are all of them, up to where it was asked.
        public let isWhole: Bool
        /// Whether the oldest may be missing: there are more pages than are read.
        public var isCutOff = false
    }

    /// How far an endpoint has come.
    public struct Head: Hashable, Sendable {
        let endpoint: Int
        /// The slot.
        public let slot: Int64
        /// The first slot of which it has kept the block.
        public let firstSlot: Int64
    }

    /// How far a node has come that has kept everything since a slot: the one that answers, else another.
    /// - Parameter since: nil: however far back it has kept.
    /// - Throws: `solana_history_missing` where no node has kept so much.
    public func head(
        _ commitment: SolanaCommitment, since: Int64?
    ) async throws(SolanaRPCError) -> Head {
        let first = try await head(commitment, since: since, only: nil)
        if first.firstSlot <= since ?? .max { return first }
        for index in 0..<rpc.endpointCount where index != first.endpoint {
            if let other = try? await head(commitment, since: since, only: index), other.firstSlot <= since ?? .max {
                return other
            }
        }
        throw SolanaRPCError(
            .historyMissing, "no node has history since slot \(since ?? 0), up to which was read: ask one with more")
    }

    private func head(
        _ commitment: SolanaCommitment, since: Int64?, only: Int?
    ) async throws(SolanaRPCError) -> Head {
        // A node that has not come so far would not know what was read last, and give everything again.
        let (result, endpoint) = try await rpc.answer("getSlot", only: only) {
            $0.options(commitment, leastSlot: since)
        }
        guard let slot = result.slot else { throw .malformed("getSlot") }
        return Head(endpoint: endpoint, slot: slot, firstSlot: try await firstSlot(of: endpoint))
    }

    /// All transactions that name an address, failed ones too, page by page from one endpoint: to a node that does not
    /// know where a page begins the list is at its end.
    ///
    /// - Parameters:
    ///   - until: not this one and none before it; a node that does not know it gives all.
    ///   - pageSize: 1 to 1000.
    ///   - at: an endpoint, and the slot to which it has come at least; nil: any.
    ///   - oldest: no more than so many; the newer ones are left out, and the list is not whole.
    public func mentions(
        of address: SolanaAddress, until: SolanaSignature? = nil, commitment: SolanaCommitment = .finalized,
        pageSize: Int64 = signaturesPerPageMax, oldest: Int? = nil, at head: Head? = nil
    ) async throws(SolanaRPCError) -> Mentions {
        let text = address.description
        let size = min(max(pageSize, 1), Self.signaturesPerPageMax)
        var list: [Mention] = []
        var isWhole = true
        var seen: Set<SolanaSignature> = []
        var endpoint = head?.endpoint
        var leastSlot = head?.slot
        for _ in 0..<(oldest == nil ? Self.pagesMax : Self.pagesMaxOfOldest) {
            let before = list.last?.signature.description
            let (result, index) = try await rpc.answer("getSignaturesForAddress", only: endpoint) {
                [leastSlot] writer in
                writer.string(text)
                writer.options(commitment, leastSlot: leastSlot) { options in
                    options.field("limit", size)
                    options.field("before", before)
                    options.field("until", until?.description)
                }
            }
            guard result.kind == .array else { throw .malformed("getSignaturesForAddress") }
            endpoint = index
            let page = try Self.mentions(result)
            // The next node knows this page, too.
            leastSlot = max(leastSlot ?? 0, page.first?.slot ?? 0)
            let fresh = page.filter { seen.insert($0.signature).inserted }
            list += fresh
            if let oldest, list.count > 2 * max(oldest, Int(size)) {
                list.removeFirst(list.count - oldest)
                seen = Set(list.map(\.signature))
                isWhole = false
            }
            // Nodes may give fewer than were asked for: only where nothing is left the list is at its end.
            guard !page.isEmpty else {
                if let oldest, list.count > oldest {
                    list.removeFirst(list.count - oldest)
                    isWhole = false
                }
                return Mentions(list: list, isWhole: isWhole)
            }
            guard !fresh.isEmpty else { throw .malformed("getSignaturesForAddress") }
        }
        return Mentions(list: list, isWhole: false, isCutOff: true)
    }

    private static func mentions(_ page: JSONValue) throws(SolanaRPCError) -> [Mention] {
        var list: [Mention] = []
        for value in page.elements {
            guard let signature = value["signature"]?.string.flatMap({ SolanaSignature($0) }),
                let slot = value["slot"]?.slot
            else { throw .malformed("getSignaturesForAddress") }
            let failure = value["err"].flatMap { SolanaTransactionFailure($0) }
            list.append(
                Mention(signature: signature, slot: slot, failure: failure, timeSeconds: value["blockTime"]?.slot))
        }
        return list
    }

    /// A transaction with what it did; nil: the node has no details of it, possibly only not yet.
    public func transaction(
        _ signature: SolanaSignature, commitment: SolanaCommitment = .finalized
    ) async throws(SolanaRPCError) -> SolanaRecord? {
        let text = signature.description
        let result = try await rpc.call("getTransaction") { writer in
            writer.string(text)
            writer.options(commitment) { options in
                options.field("encoding", "base64")
                options.field("maxSupportedTransactionVersion", 0)
            }
        }
        return result.isNull ? nil : try SolanaRecord(rpc: result)
    }
}
