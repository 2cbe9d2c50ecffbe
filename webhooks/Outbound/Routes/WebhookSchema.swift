import Service

/// The shapes of the routes' bodies and answers, for the specification.
enum WebhookSchema {
    private static let url = Schema.string(
        "Absolute, https, port 443, without a user name; where deliveries are posted.",
        maxLength: WebhookBody.urlBytesMax)
    private static let eventTypes = Schema.array(
        of: .string("A type, a group such as `settlement.*`, or `*`.", maxLength: 100),
        maxItems: EventSubscription.countMax
    ).example(#"["settlement.created","refund.*"]"#)
    private static let status = Schema.enumeration(WebhookEndpoint.Status.allCases.map(\.rawValue))

    static let newEndpoint = Schema.object([.required("url", url), .required("event_types", eventTypes)])
    static let endpointChange = Schema.object([
        .optional("url", url), .optional("event_types", eventTypes), .optional("status", status),
    ])
    static let rotation = Schema.object([
        .optional(
            "overlap_seconds",
            .integer("How long the old secrets stay valid.", minimum: 0, maximum: WebhookStore.overlapMs / 1000))
    ])

    private static let endpointMembers: [Schema.Member] = [
        .required("id", .string), .required("url", url), .required("event_types", eventTypes),
        .required("status", status),
        .required("disabled_reason", .nullable(.string("`requested`, `failing`, `gone` or `owner_not_allowed`."))),
        .required("failures", .integer("Attempts in a row that failed.", minimum: 0)),
        .required("failing_since", .nullable(.dateTime)), .required("created_at", .dateTime),
        .required("updated_at", .dateTime),
    ]
    static let endpoint = Schema.named("WebhookEndpoint", .object(endpointMembers))
    static let endpointWithSecret = Schema.named(
        "WebhookEndpointWithSecret",
        .object(
            endpointMembers + [
                .required("secret", .string("`whsec_` and base 64: what a Standard Webhooks library takes."))
            ]))

    static let delivery = Schema.named(
        "WebhookDelivery",
        .object([
            .required("id", .string("The `webhook-id` of every attempt.")), .required("endpoint", .string),
            .required("seq", .nullable(.integer("The entry's number.", minimum: 1))), .required("type", .string),
            .required("status", .enumeration(WebhookDelivery.Status.allCases.map(\.rawValue))),
            .required("attempts", .integer(minimum: 0)), .required("created_at", .dateTime),
            .required("next_attempt_at", .nullable(.dateTime)),
            .required(
                "last_attempt",
                .nullable(
                    .object([
                        .required("at", .dateTime), .required("status", .nullable(.integer)),
                        .required("error", .nullable(.string("Why there was no answer: a code."))),
                        .required("answer", .string("How the answer's body began, printable characters.")),
                    ]))),
        ]))
}
