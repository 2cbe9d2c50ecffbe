/// What goes wrong with one request.
public enum StripeFault: Hashable, Sendable {
    /// The request never arrives: nothing happens and no reply comes.
    case requestLost
    /// Stripe takes the request, its effect stands, and the reply does not arrive.
    case replyLost
    /// 409 `idempotency_key_in_use` with `Stripe-Should-Retry: true`; nothing happens.
    case keyInUse
    /// 429; nothing happens and nothing is saved. The header `Stripe-Should-Retry` is left out when nil.
    case rateLimited(shouldRetry: Bool?)
    /// 500 before execution began: nothing happens, and nothing is saved under the key.
    case failedBeforeExecution
    /// 500 after execution began: the 500 is saved under the key and replayed. The effect stands or was undone.
    case failedDuringExecution(effectStands: Bool)
    /// The answer takes so long; until then a second request with its key is answered 409.
    case slow(delayMs: Int64)
    /// The events of the request are delivered before its reply.
    case eventsFirst
}

/// What goes wrong with one event.
public enum StripeEventFault: Hashable, Sendable {
    /// It is never delivered; only the list of events shows it, as not delivered.
    case dropped
    /// It is delivered so much later.
    case delayed(delayMs: Int64)
    /// It is delivered twice, with one id.
    case delivered(twiceAfterMs: Int64)
    /// A second Event object, with an id of its own, tells of the same change.
    case twin
    /// It is delivered after the event that follows it.
    case overtaken
}
