import Kernel
import Service

/// The JSON of payments, payouts and refunds by rails, for the specification.
extension PaySchema {
    private static let url = Schema.string(minLength: 1, maxLength: ReturnOrigins.bytesMax)
    static let rail = Schema.string("A rail's name, such as `stripe`.", pattern: "^[a-z0-9]{1,20}$")
    static let metadata = Schema.object([], "Up to 16 KiB, kept as received.", additional: true)
    private static let failure = Schema.nullable(
        .object([.required("code", .string), .required("detail", .string)], "Why it failed, or waits for a person."))

    private static let paying: [Schema.Member] = [
        .required("amount", amount), .required("currency", .string("A currency's code, such as `CAD`.")),
        .required("rail", rail), .required("success_url", url.described("Where the payer goes afterwards.")),
        .required("cancel_url", url.described("Where the payer goes who gives up.")), .optional("metadata", metadata),
    ]

    static let checkoutRequest = Schema.named(
        "CheckoutRequest",
        .object(
            paying + [
                .required("service", name), .required("type", name),
                .optional("from_did", .did.described("Who pays; a guest when left out.")),
                .optional("fair_manifest", manifest.described("Splits the payment by itself when it arrives.")),
                .optional("fair_manifest_cid", cid.described("Instead of `fair_manifest`: one that the node holds.")),
                .optional("fair_chain", chain),
                .optional(
                    "direct",
                    .boolean.described(
                        "Payees get their parts on the rail itself: on Solana from the payer, in one transaction."
                    )),
            ], additional: true)
    ).example(
        """
        {"amount":4000,"currency":"CAD","service":"events","type":"ticket","rail":"stripe","success_url":\
        "https://events.example/thanks","cancel_url":"https://events.example/cart","fair_manifest_cid":\
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku","metadata":{}}
        """)

    static let topUpRequest = Schema.object(
        paying + [.required("did", .did.described("Whose balance."))], additional: true)

    static let checkout = Schema.named(
        "Checkout",
        .object([
            .required("id", .string(pattern: "^pay_[0-9a-z]+$")),
            .required("url", .string("Where the payer pays; empty where `instructions` say how.")),
            .required("status", .enumeration(["pending"])), .required("rail", rail),
            .required("reference", .string("The rail's name for it.")), .required("amount", amount),
            .required("charged", amount.described("What the payer pays, with the rail's surcharge if it bears one.")),
            .required("currency", currency), .required("from_did", .did), .required("manifest_cid", .nullable(cid)),
            .optional("instructions", .object([], "How to pay, where no page says it.", additional: true)),
            .required("expires_at", .dateTime), .required("created_at", .dateTime),
        ]))

    // MARK: Lifecycles

    private static func members(
        _ object: Lifecycle.Kind, _ statuses: [String], _ own: [Schema.Member], hasAmount: Bool = true
    ) -> [Schema.Member] {
        [
            .required("id", .string), .required("object", .enumeration([object.rawValue])),
            .required("status", .enumeration(statuses)),
        ] + (hasAmount ? [.required("amount", amount), .required("currency", currency)] : []) + own + [
            .required("version", .integer("1 when made, one more with each change.", minimum: 1)),
            .required("created_at", .dateTime), .required("updated_at", .dateTime),
        ]
    }

    /// With the entry that changed it.
    private static let entry: [Schema.Member] = [.required("entry_seq", entrySeq), .required("entry_hash", hash)]

    /// With its life.
    private static let life: [Schema.Member] = [
        .required(
            "events",
            .array(
                of: .object([
                    .required("event", .string("What happened, such as `payment_received`.")),
                    .required("status", .string), .optional("note", .string), .required("entry_seq", entrySeq),
                    .required("at", .dateTime),
                ]), "Oldest first."))
    ]

    private static let paymentMembers = members(
        .payment, Payment.Status.allCases.map(\.rawValue),
        [
            .required("rail", rail), .required("from_did", .did), .required("service", .string),
            .required("type", .string), .required("charged", amount), .required("received", amountOrZero),
            .required("rail_fee", .integer("By the rail's own figures, minor units.")),
            .required("rail_fee_bearer", .enumeration(RailFeeBearer.allCases.map(\.rawValue))),
            .required("unspent", amountOrZero), .required("returning", amountOrZero),
            .required("returned", amountOrZero), .required("absorbed", amountOrZero), .required("url", .string),
            .required("rail_reference", .string), .optional("manifest_cid", cid),
            .required("settlement", .nullable(.string)), .required("failure", failure),
            .required("expires_at", .dateTime),
        ])
    static let payment = Schema.named("Payment", .object(paymentMembers))
    static let paymentLife = Schema.named("PaymentLife", .object(paymentMembers + life))

    static let railRefund = Schema.named(
        "RailRefund",
        .object(
            members(
                .refund, RailRefund.Status.allCases.map(\.rawValue),
                [
                    .required("rail", rail), .required("payment", .string), .required("rail_reference", .string),
                    .required("reason", .string), .required("failure", failure),
                ]) + entry))

    private static let payoutMembers = members(
        .payout, Payout.Status.allCases.map(\.rawValue),
        [
            .required("rail", rail), .required("did", .did),
            .required("destination", .string("In the rail's own form.")), .required("rail_reference", .string),
            .required("tries", .integer(minimum: 0)), .required("failure", failure),
            .optional("next_try_at", .dateTime),
        ])
    static let payout = Schema.named("Payout", .object(payoutMembers))
    static let payoutLife = Schema.named("PayoutLife", .object(payoutMembers + life))
    static let payoutOpened = Schema.named("PayoutOpened", .object(payoutMembers + entry))

    private static let escrowMembers = members(
        .escrow, Escrow.Status.allCases.map(\.rawValue),
        [
            .required("from_did", .did), .required("to_did", .did), .required("arbiter_did", .nullable(.did)),
            .required("remaining", amountOrZero), .required("released", amountOrZero),
            .required("refunded", amountOrZero), .required("release_after", .nullable(.dateTime)),
            .required("memo", .string),
        ])
    static let escrow = Schema.named("Escrow", .object(escrowMembers))
    static let escrowLife = Schema.named("EscrowLife", .object(escrowMembers + life))
    static let escrowChanged = Schema.named("EscrowChanged", .object(escrowMembers + entry))

    static let payee = Schema.named(
        "Payee",
        .object(
            members(
                .payee, ["pending", "active"],
                [
                    .required("did", .did), .required("policy", .nullable(policyStored)),
                    .required("pending", .nullable(policyStored)), .required("effective_at", .nullable(.dateTime)),
                ], hasAmount: false)))
}
