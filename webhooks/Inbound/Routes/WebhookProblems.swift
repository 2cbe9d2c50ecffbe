import Service

/// The reasons for which a webhook is refused: this target's part of the one table from code to status.
extension ProblemCode {
    /// There is no `Stripe-Signature`.
    static let webhookSignatureMissing = Self("webhook_signature_missing", 400, "The webhook is not signed")
    /// The signature is not of one of the endpoint's secrets.
    static let webhookSignatureInvalid = Self("webhook_signature_invalid", 400, "The webhook's signature is invalid")
    /// The signature's time is more than five minutes off.
    static let webhookSignatureExpired = Self(
        "webhook_signature_expired", 400, "The webhook was signed too long ago, or in the future")
    /// Signed, and no event.
    static let webhookMalformed = Self("webhook_malformed", 400, "The webhook is no event")
    /// Signed, and an event of the second API: the endpoint was set up for the wrong kind.
    static let webhookThinEvent = Self("webhook_thin_event", 400, "Thin events are not taken here")
    /// There is no secret to check a signature with.
    static let webhookRailOff = Self("rail_off", 503, "The rail is not set up here")

    static let ofWebhooks: [ProblemCode] = [
        .webhookSignatureMissing, .webhookSignatureInvalid, .webhookSignatureExpired, .webhookMalformed,
        .webhookThinEvent, .webhookRailOff, .overloaded, .databaseUnavailable,
    ]
}

extension Problem {
    init(_ refusal: StripeSignature.Refusal) {
        switch refusal {
        case .missing: self.init(.webhookSignatureMissing, "the Stripe-Signature header is missing")
        case .invalid(let reason): self.init(.webhookSignatureInvalid, reason)
        case .expired:
            self.init(
                .webhookSignatureExpired, "the signature's time is more than \(StripeSignature.toleranceSeconds) s off")
        }
    }

    init(_ refusal: EventEnvelope.Refusal) {
        switch refusal {
        case .thin: self.init(.webhookThinEvent, "set the endpoint up for snapshot events of the v1 API")
        case .malformed(let reason): self.init(.webhookMalformed, reason)
        }
    }

    init(_ failure: InboxFailure) {
        switch failure {
        case .overloaded: self.init(.overloaded, "too many webhooks wait to be stored")
        case .unavailable: self.init(.databaseUnavailable)
        case .stopping: self.init(.databaseUnavailable, "this process is stopping")
        }
    }
}
