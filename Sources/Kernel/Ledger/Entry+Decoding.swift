import Cryptography

extension Entry {
    /// Largest body that is read back: an entry of 10,000 lines takes some 200 KB, one that opens as many accounts 1
    /// MB.
    static let bodyBytesMax = 8 << 20

    /// Reads the body that `body()` wrote.
    /// - Throws: `EntryError.malformed` when it is not exactly such a body.
    public init(body: [UInt8]) throws(EntryError) {
        let limits = CBORLimits(depth: 4, items: 400_000, bytes: Self.bodyBytesMax)
        guard let map = try? DAGCBOR.decode(body, limits: limits), let cause = map["cause"],
            case .int(let seq) = map["seq"], case .text(let book) = map["book"], case .int(let timeMs) = map["time"],
            case .text(let causeID) = cause["id"], case .text(let causeKind) = cause["kind"],
            case .bytes(let requestHash) = cause["hash"], case .array(let opens) = map["opens"],
            case .array(let postings) = map["postings"], case .int(let effectiveOn) = map["effective"]
        else { throw .malformed }
        var openings: [AccountOpening] = []
        for item in opens { openings.append(try Self.opening(item)) }
        var lines: [Posting] = []
        lines.reserveCapacity(postings.count)
        for item in postings { lines.append(try Self.posting(item)) }
        self.init(
            book: book, seq: seq, timeMs: timeMs, effectiveOn: effectiveOn,
            cause: EntryCause(kind: causeKind, id: causeID, requestHash: requestHash), opens: openings,
            postings: lines)
    }

    private static func opening(_ item: CBORValue) throws(EntryError) -> AccountOpening {
        guard case .array(let parts) = item, parts.count == 5, case .int(let id) = parts[0],
            case .text(let kindText) = parts[1], let kind = AccountKind(rawValue: kindText),
            case .text(let owner) = parts[2], case .text(let detail) = parts[3], case .text(let currency) = parts[4]
        else { throw .malformed }
        return AccountOpening(
            accountID: id, key: AccountKey(owner: owner, kind: kind, detail: detail, currency: currency))
    }

    private static func posting(_ item: CBORValue) throws(EntryError) -> Posting {
        guard case .array(let parts) = item, parts.count == 3, case .int(let id) = parts[0],
            case .int(let sideValue) = parts[1],
            let side = Int16(exactly: sideValue).flatMap(PostingSide.init(rawValue:)),
            case .int(let amount) = parts[2]
        else { throw .malformed }
        return Posting(accountID: id, side: side, amountMinor: amount)
    }
}

/// Why stored bytes are no entry.
public enum EntryError: Error, Hashable, Sendable {
    /// Not a body as this version writes it.
    case malformed
}
