import Kernel
import Service

/// The JSON that settlements take and give, for the specification.
enum PaySchema {
    static let amount = Schema.integer("Minor units.", minimum: 1, maximum: Money.amountMaxMinor)
    static let amountOrZero = Schema.integer("Minor units.", minimum: 0, maximum: Money.amountMaxMinor)
    static let currency = Schema.string("A currency's code.", pattern: "^[A-Z]{3,8}$")
    static let cid = Schema.string("A CID in base32.", pattern: "^b[a-z2-7]{58}$")
    static let hash = Schema.string("SHA-256 in hexadecimal.", pattern: "^[0-9a-f]{64}$")
    static let entrySeq = Schema.integer("The entry's number in its book.", minimum: 1)
    static let name = Schema.string(pattern: "^[A-Za-z0-9._-]+$", minLength: 1, maxLength: Body.nameBytesMax)

    /// A `.fair` manifest of any shape.
    static let manifest = Schema.named(
        "Manifest",
        .object(
            [.required("id", .string)],
            "A signed `.fair` manifest: 0.3.0 (`contributors`), 1.0 or 1.1 (`attribution`).", additional: true)
    )
    static let chain = Schema.array(
        of: manifest, "Manifests that the chain refers to and the node may not hold.", maxItems: ManifestLimits.linksMax
    )

    static let settleRequest = Schema.named("SettleRequest", .object(settleMembers, additional: true)).example(
        settleExample)

    private static let settleMembers: [Schema.Member] = [
        .required("from_did", .did.described("Who pays.")),
        .required("amount", amount.described("The gross, minor units.")),
        .required("currency", .string("A currency's code, such as `USD`.")),
        .required("service", name.described("The calling service's name.")),
        .required("type", name.described("The transaction's type; it may name a right of the manifest.")),
        .optional("fair_manifest", manifest),
        .optional("fair_manifest_cid", cid.described("Instead of `fair_manifest`: one that the node holds.")),
        .optional("fair_chain", chain),
        .optional("funding", funding),
        .optional(
            "authorization",
            .string(
                """
                A compact JWS (EdDSA) by the payer over `{payer, audience, max_amount, currency, manifest_cid, \
                not_after, nonce}`; `audience` is the calling service's DID, `not_after` RFC 3339 or Unix seconds.
                """)),
        .optional("metadata", .object([], "Up to 16 KiB, kept as received.", additional: true)),
    ]

    private static let funding = Schema.object(
        [
            .required("source", .enumeration(["balance", "rail"])), .optional("rail", .string),
            .optional("reference", .string(maxLength: SettleRequest.referenceMax)),
        ], "Where the money comes from; a balance when left out.", additional: true)

    private static let settleExample = """
        {"from_did":"did:imajin:8fWx1xtdq8eFvPDJTz3rfXxDpoTjoLyMHxMUgL1x9kAM","amount":10000,"currency":"USD",\
        "service":"events","type":"ticket","fair_manifest_cid":\
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku","funding":{"source":"balance"},"metadata":{}}
        """

    private static let split = Schema.object([
        .required("did", .did), .required("role", .string),
        .required("weight", .string("The exact part of what remains after fees.", pattern: "^[0-9]+(/[0-9]+)?$")),
        .required("amount", amountOrZero),
        .required("via", .array(of: cid, "The manifests that the share passed through.")),
    ])

    private static let fee = Schema.object([
        .required("kind", .enumeration(FeeLine.Kind.allCases.map(\.rawValue))), .required("did", .did),
        .required(
            "bps", .integer("Basis points of the gross; 0 for what a rail took.", minimum: 0, maximum: 200)),
        .required("amount", amountOrZero),
    ])

    private static func settlementMembers(_ status: Schema) -> [Schema.Member] {
        [
            .required("id", .string(pattern: "^stl_[0-9a-z]+$")), .required("status", status),
            .required("book", .string), .required("entry_seq", entrySeq), .required("entry_hash", hash),
            .required("amount", amount), .required("currency", currency), .required("manifest_cid", cid),
            .required("splits", .array(of: split)), .required("fees", .array(of: fee)),
            .optional(
                "funding",
                .object(
                    [
                        .required("source", .enumeration(["rail"])), .required("rail", rail),
                        .required("reference", .string("The payment, `pay_…`.")),
                    ], "Where the money came from; a balance when left out.")),
            .required("attestations", .array(of: cid, "Attestations that are signed after the reply.")),
            .required("created_at", .dateTime),
        ]
    }

    static let settlement = Schema.named(
        "Settlement", .object(settlementMembers(.enumeration(["settled"])), "A settlement as it was answered."))

    static let settlementPending = Schema.object([
        .required("status", .enumeration(["pending"])),
        .required("payment", .string("The payment that has not arrived, `pay_…`.")),
    ])

    static let settlementState = Schema.named(
        "SettlementState",
        .object(
            settlementMembers(.enumeration(["settled", "partially_refunded", "refunded"])) + [
                .required("refunded_total", amountOrZero)
            ], "A settlement as it stands."))

    static let batchRequest = Schema.object(
        [
            .required(
                "settlements",
                .array(
                    of: .object(
                        settleMembers + [.required("idempotency_key", .string(minLength: 1, maxLength: 255))],
                        additional: true), maxItems: PayService.batchMax)),
            .optional("atomic", .boolean),
        ], additional: true)

    static let batchReply = Schema.object([
        .required(
            "settlements",
            .array(
                of: .object([
                    .required("idempotency_key", .nullable(.string)),
                    .required("status", .integer("The member's HTTP status.", minimum: 200, maximum: 599)),
                    .required("replayed", .boolean),
                    .required("body", .oneOf([settlement, .named("Problem", .any)])),
                ])))
    ])

    static let refundRequest = Schema.object(
        [
            .optional("amount", amount.described("Minor units; all that is left when left out.")),
            .required("reason", .string(minLength: 1, maxLength: PayService.reasonMax)),
        ], additional: true
    ).example(#"{"amount":2500,"reason":"two of eight tickets were returned"}"#)

    static let refund = Schema.named(
        "Refund",
        .object([
            .required("id", .string(pattern: "^rfd_[0-9a-z]+$")), .required("settlement", .string),
            .required("status", .enumeration(["partially_refunded", "refunded"])), .required("amount", amount),
            .required("currency", currency), .required("refunded_total", amount), .required("reason", .string),
            .required("lines", .array(of: refundLine)), .required("receivables", .array(of: receivable)),
            .optional(
                "rail_refund", .object([.required("id", .string("The refund by the rail, `rrf_…`."))])),
            .required("entry_seq", entrySeq), .required("entry_hash", hash), .required("created_at", .dateTime),
        ]))

    private static let refundLine = Schema.object([
        .required("kind", .enumeration(["fee", "split"])), .required("did", .did), .required("role", .string),
        .required("amount", .integer("Minor units; below 0 where largest remainder gives a unit back.")),
    ])

    private static let receivable = Schema.object([.required("did", .did), .required("amount", amount)])
}
