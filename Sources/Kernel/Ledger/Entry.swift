import Cryptography

/// One line of an entry.
public struct Posting: Hashable, Sendable {
    /// The account's number within the book.
    public let accountID: Int64
    /// The counter that moves.
    public let side: PostingSide
    /// Minor units; negative only on a pending side, where it releases a hold.
    public let amountMinor: Int64

    /// A posting.
    public init(accountID: Int64, side: PostingSide, amountMinor: Int64) {
        self.accountID = accountID
        self.side = side
        self.amountMinor = amountMinor
    }
}

/// Why an entry was made.
public struct EntryCause: Hashable, Sendable {
    /// `settlement`, `refund`, `hold`, `hold_post`, `hold_void`, `hold_expire`, `fund`, `credit`, `gas`.
    public let kind: String
    /// Identifier of the thing that caused it, `stl_…`, `rfd_…`, `hld_…`.
    public let id: String
    /// SHA-256 of the request that asked for it: 32 bytes.
    public let requestHash: [UInt8]

    /// A cause.
    public init(kind: String, id: String, requestHash: [UInt8]) {
        self.kind = kind
        self.id = id
        self.requestHash = requestHash
    }
}

/// An account that an entry opens: the chain of hashes covers its identity from then on.
public struct AccountOpening: Hashable, Sendable {
    /// Its number.
    public let accountID: Int64
    /// Its identity.
    public let key: AccountKey

    /// An opening.
    public init(accountID: Int64, key: AccountKey) {
        self.accountID = accountID
        self.key = key
    }
}

/// An immutable, balanced set of postings: the unit of the ledger.
///
/// `hash = SHA-256("mjn-entry-v1\0" ‖ previous hash ‖ body)`, where `body` is the dag-cbor map
/// `{seq, book, time, cause: {id, kind, hash}, opens: [[id, kind, owner, detail, currency]], postings: [[account, side,
/// amount]], effective}`. The genesis entry's previous hash is 32 zero bytes.
public struct Entry: Hashable, Sendable {
    /// The book's name.
    public let book: String
    /// 1, 2, 3 … without gaps.
    public let seq: Int64
    /// Milliseconds since 1970; never less than the entry before.
    public let timeMs: Int64
    /// Business date as `YYYYMMDD`.
    public let effectiveOn: Int64
    /// Why it was made.
    public let cause: EntryCause
    /// Accounts that appear here first.
    public let opens: [AccountOpening]
    /// The lines; Σ debits = Σ credits per currency and layer.
    public let postings: [Posting]

    /// An entry as it will be hashed.
    public init(
        book: String, seq: Int64, timeMs: Int64, effectiveOn: Int64, cause: EntryCause, opens: [AccountOpening],
        postings: [Posting]
    ) {
        self.book = book
        self.seq = seq
        self.timeMs = timeMs
        self.effectiveOn = effectiveOn
        self.cause = cause
        self.opens = opens
        self.postings = postings
    }

    /// What stands before every hashed body, so that no other signed or hashed thing can be taken for an entry.
    static let domain: [UInt8] = Array("mjn-entry-v1\u{0}".utf8)

    /// Hash before the first entry of a book.
    public static let genesisHash = [UInt8](repeating: 0, count: 32)

    /// The dag-cbor body.
    public func body() -> [UInt8] {
        Self.body(
            book: book, seq: seq, timeMs: timeMs, effectiveOn: effectiveOn, cause: cause, opens: opens,
            postings: postings, { ($0.accountID, $0.side, $0.amountMinor) })
    }

    /// The body of an entry whose postings are still in another form. Keys stand in dag-cbor's order, shorter first.
    static func body<Line>(
        book: String, seq: Int64, timeMs: Int64, effectiveOn: Int64, cause: EntryCause, opens: [AccountOpening],
        postings: [Line], _ parts: (Line) -> (account: Int64, side: PostingSide, amountMinor: Int64)
    ) -> [UInt8] {
        var out = DAGCBORWriter(reserving: 192 + 16 * postings.count + 96 * opens.count)
        out.map(count: 7)
        out.text("seq")
        out.int(seq)
        out.text("book")
        out.text(book)
        out.text("time")
        out.int(timeMs)
        out.text("cause")
        out.map(count: 3)
        out.text("id")
        out.text(cause.id)
        out.text("hash")
        out.bytes(cause.requestHash)
        out.text("kind")
        out.text(cause.kind)
        out.text("opens")
        out.array(count: opens.count)
        for opening in opens {
            out.array(count: 5)
            out.int(opening.accountID)
            out.text(opening.key.kind.rawValue)
            out.text(opening.key.owner)
            out.text(opening.key.detail)
            out.text(opening.key.currency)
        }
        out.text("postings")
        out.array(count: postings.count)
        for posting in postings {
            let (account, side, amountMinor) = parts(posting)
            out.array(count: 3)
            out.int(account)
            out.int(Int64(side.rawValue))
            out.int(amountMinor)
        }
        out.text("effective")
        out.int(effectiveOn)
        return out.bytes
    }

    /// The hash of a body that follows `previousHash`.
    public static func hash(previousHash: [UInt8], body: [UInt8]) -> [UInt8] {
        var message = [UInt8]()
        message.reserveCapacity(domain.count + previousHash.count + body.count)
        message.append(contentsOf: domain)
        message.append(contentsOf: previousHash)
        message.append(contentsOf: body)
        return SHA256.hash(message)
    }
}
