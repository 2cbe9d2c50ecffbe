/// One entry of a relay's log, as served.
public struct RelayLogEntry: Hashable, Sendable {
    /// The operation's CID, by the relay's word.
    public let cid: String
    /// The operation.
    public let token: String

    /// An entry.
    public init(cid: String, token: String) {
        self.cid = cid
        self.token = token
    }
}

/// A page of a relay's log.
public struct RelayLogPage: Hashable, Sendable {
    /// The entries in the order of the log.
    public let entries: [RelayLogEntry]
    /// Where the next page begins; nil at the end of the log.
    public let next: String?

    /// A page.
    public init(entries: [RelayLogEntry], next: String?) {
        self.entries = entries
        self.next = next
    }
}

/// Why a page of a relay's log could not be read.
public enum RelayLogFailure: Error, Hashable, Sendable {
    /// Nobody answers, or with a status that says to come back.
    case unreachable(String)
    /// The relay does not know where we stopped: it lost its log, or is another one.
    case cursorUnknown
    /// What it answers is no page.
    case malformed(String)
    /// The page is larger than what is read at once.
    case pageTooLarge
}

/// The global log of a relay: everything that it took in, in its order.
public protocol RelayLog: Sendable {
    /// Which relay it is, wherever it is reached: another text is another log.
    func identity() async throws(RelayLogFailure) -> String

    /// A page after an entry, or from the beginning.
    func page(after cursor: String?, limit: Int) async throws(RelayLogFailure) -> RelayLogPage
}
