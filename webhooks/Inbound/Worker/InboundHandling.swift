/// What became of an event.
public enum Disposition: Hashable, Sendable {
    /// Its effect is in the books, now or since an earlier time.
    case applied
    /// It asks for nothing here; never handed out again.
    case ignored(String)
    /// It speaks of something that is not known here, or not yet: handed out again, ever more seldom, for three days;
    /// then it is `failed`, and stays visible.
    case parked(String)
    /// Something that should pass kept it from being handled: handed out again like a parked one.
    case retry(String)
}

/// Who acts on events.
///
/// An event is handed over at least once: again after a crash, or when a call takes longer than
/// ``RetryPolicy/leaseMs``. Effects happen once by a key of the handler's own, made of the thing and the effect (a
/// payment and "paid"), not of the event: two events can tell of one thing. Events come in any order, so what they say
/// is a hint; the state is fetched. Two events of one object are never handed over at the same time in one process.
public protocol InboundHandling: Sendable {
    /// Acts on an event. Called from several tasks at once; a cancelled task should return `.retry` soon.
    func handle(_ event: InboundEvent) async -> Disposition
}
