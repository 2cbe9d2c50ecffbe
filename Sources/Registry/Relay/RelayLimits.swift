/// Bounds of the relay, each with what happens past it.
public enum RelayLimits {
    /// Operations of one request; past it 400. Fixed by the protocol: peers chunk to it.
    public static let operationsPerRequest = 100
    /// Bytes of a body that carries operations or a document; past it 413. Fixed by the protocol's reference relays.
    public static let body = 16 << 20
    /// Bytes of a body that weigh as much as an operation in the allowance of its sender: the largest payload of one.
    static let writeBytes = 64 << 10
    /// What one request may weigh: its operations and its bytes. An allowance holds no less, or the request would never
    /// pass.
    public static let writesPerRequest = operationsPerRequest + body / writeBytes
    /// Bytes of a sign request's deposit; past it 413. Fixed by the protocol.
    public static let depositBody = 512 << 10
    /// Bytes of a response's body, which carries one token of 8 KiB; past it 413.
    public static let responseBody = (8 << 10) + 512
    /// Rows of a page where none are asked for, and at most; more than the maximum is clamped. Fixed by the protocol.
    public static let pageDefault = 100
    /// Rows of a page at most.
    public static let pageMax = 1000
    /// Bytes of tokens in a page: a page of 1,000 operations of the largest size would be 88 MB. A page that ends
    /// here has a `next` although it is not full. At least one row is in each.
    public static let pageBytes: Int64 = 8 << 20
    /// Bytes of a cursor or another query value; past it 400.
    public static let queryValue = 1024
    /// Bytes of an operation's token; past it the operation is malformed. A payload of 64 KiB of CBOR is at most some
    /// 400 KiB of escaped JSON, and a credential of 256 KiB may hang on it.
    public static let tokenBytes = 1 << 20
    /// How far ahead of the relay's clock an operation's time may be, milliseconds: 24 hours, fixed by the protocol.
    public static let futureMilliseconds: Int64 = 86_400_000
    /// Seconds that an auth token may live for; past it 401. The reference relays' default.
    public static let authTokenSeconds: Int64 = 86_400

    /// Operations that wait for what they depend on, and their bytes. Past either, those that have waited longest are
    /// dropped to make room, first those that clients sent (they have been told to send again), then peers'.
    public static let pendingOperations: Int64 = 20_000
    /// Bytes of the tokens that wait.
    public static let pendingBytes: Int64 = 64 << 20
    /// How long an operation waits, milliseconds: a week; then it is dropped.
    public static let pendingMilliseconds: Int64 = 7 * 86_400_000
    /// Operations that are tried again after one batch, and how often the newly arrived are looked up; what is left
    /// is taken up by the sweep, so that one request cannot hold the log for long.
    public static let sequencedPerBatch = 1000
    /// Rounds of that.
    public static let sequencerRounds = 64
    /// Operations that the sweep tries in one go.
    public static let sweepOperations: Int64 = 200

    /// Unanswered sign requests of one subject, and of one requester; past it 429.
    public static let mailboxPerSubject: Int64 = 1000
    /// Unanswered sign requests of one requester.
    public static let mailboxPerRequester: Int64 = 1000
    /// Identity operations that a deposit may bring; past it 400.
    public static let depositChain = 1000

    /// Operations that one sync of a peer, or one read through to it, takes at most; the rest comes with the next.
    public static let operationsPerSync = 5000
    /// Rows asked of a peer at a time.
    public static let peerPage = 1000
    /// Bytes of a peer's answer; past it the answer is a failure.
    public static let peerAnswer = 128 << 20
    /// Milliseconds for a request to a peer, and for a whole read through.
    public static let peerMilliseconds: Int64 = 30_000
    /// Operations that wait to be passed on to one peer; past it the oldest are dropped: the peer gets them by sync.
    public static let gossipWaiting = 10_000
    /// How often each peer's log is read, milliseconds.
    public static let syncMilliseconds: Int64 = 30_000
    /// Read-throughs under way at one time; past it a miss is answered 404 at once.
    public static let readThroughs = 4
    /// How long a DID or content id that no peer knew is not asked for again, milliseconds, and how many such are
    /// remembered.
    public static let missMilliseconds: Int64 = 10_000
    /// Names of which it is remembered that nobody knew them; past it they are forgotten.
    public static let missesKept = 10_000
}
