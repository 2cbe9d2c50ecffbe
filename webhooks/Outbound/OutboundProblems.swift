import PostgresClient
public import Service

/// The reasons of refusals that webhooks have of their own, with their status.
extension ProblemCode {
    /// No such endpoint, or another service's.
    public static let webhookEndpointUnknown = Self(
        "webhook_endpoint_unknown", 404, "There is no such webhook endpoint")
    /// No such delivery, another service's, or one that ended more than 30 days ago.
    public static let webhookDeliveryUnknown = Self(
        "webhook_delivery_unknown", 404, "There is no such webhook delivery")
    /// The service has another endpoint with this URL.
    public static let webhookEndpointExists = Self(
        "webhook_endpoint_exists", 409, "There is an endpoint with this URL already")
    /// The service has as many endpoints as it may have.
    public static let webhookEndpointsTooMany = Self(
        "webhook_endpoints_too_many", 409, "There are too many webhook endpoints")
    /// Nothing is delivered to a disabled endpoint.
    public static let webhookEndpointDisabled = Self(
        "webhook_endpoint_disabled", 409, "The webhook endpoint is disabled")
    /// Too many secrets are valid at once.
    public static let webhookSecretsTooMany = Self(
        "webhook_secrets_too_many", 409, "Too many secrets of the endpoint are valid at once")
    /// The URL leads where deliveries do not go.
    public static let webhookURLRefused = Self("webhook_url_refused", 422, "The webhook URL is refused")
    /// No event has this name.
    public static let webhookEventTypeUnknown = Self(
        "webhook_event_type_unknown", 422, "There is no such event type")
}

extension Problem {
    /// What a failure of the database means to a caller.
    init(_ failure: PostgresError) {
        switch failure.kind {
        case .poolExhausted: self.init(.overloaded)
        case .unavailable, .connectionLost, .timeout, .cancelled, .closed: self.init(.databaseUnavailable)
        case .server where failure.isRetryable: self.init(.databaseUnavailable)
        default: self.init(.internalError)
        }
    }
}
