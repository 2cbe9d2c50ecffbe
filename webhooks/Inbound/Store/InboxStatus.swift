/// Where an event stands.
public enum InboxStatus: String, Hashable, Sendable, CaseIterable {
    /// It waits to be handled, or is being handled.
    case received
    /// It was handed out and waits for its next time.
    case parked
    /// Its effect is in the books.
    case done
    /// It asks for nothing.
    case ignored
    /// It was tried for three days and is tried once a day now; an operator is told, and can have it tried at once.
    case failed

    /// Those that want an eye kept on them: every event that is not at its end.
    public static let open: [InboxStatus] = [.received, .parked, .failed]
}

/// What became of an event that arrived. Both are good news to its sender.
public enum Arrival: Hashable, Sendable {
    /// It is stored.
    case stored
    /// It was stored before.
    case known
}

/// Why the inbox did not do what it was asked. What it was asked may be asked again: nothing happens twice.
public enum InboxFailure: Error, Hashable, Sendable {
    /// Too many events wait to be stored.
    case overloaded
    /// The database did not answer, or refused; the text is for the log.
    case unavailable(String)
    /// The process is stopping.
    case stopping
}
