import Kernel
import Service

/// The JSON of balances, consent, gas and manifests.
extension PaySchema {
    static let balances = Schema.object([
        .required("did", .did),
        .required(
            "balances",
            .array(
                of: .object([
                    .required("currency", currency), .required("cash", .integer), .required("credit", .integer),
                    .required("held", .integer),
                    .required("available", .integer("Cash and credit less what is held.")),
                    .required("withdrawable", .integer("Cash that can be paid out now.")),
                    .required("receivable", .integer("What the DID owes the node.")),
                ]))),
    ]).example(
        """
        {"did":"did:imajin:8fWx1xtdq8eFvPDJTz3rfXxDpoTjoLyMHxMUgL1x9kAM","balances":[{"currency":"USD","cash":10000,\
        "credit":0,"held":0,"available":10000,"withdrawable":10000,"receivable":0}]}
        """)

    static let transactions = Schema.page(
        of: .object([
            .required("entry_seq", entrySeq), .required("created_at", .dateTime),
            .required("kind", .string("Why the entry was made: `settlement`, `refund`, `gas`, …")),
            .required("reference", .string("What it was made for: `stl_…`, `rfd_…`, …")),
            .required("account", .enumeration(AccountKind.allCases.map(\.rawValue))),
            .required("currency", currency), .required("side", .enumeration(PostingSide.texts)),
            .required("amount", .integer("Minor units; below 0 only where a hold is released.")),
            .required("balance", .integer("The account's balance after it.")),
        ]))

    static let allowanceRequest = Schema.object(
        [
            .required("max_amount", amountOrZero.described("Largest single settlement, minor units.")),
            .required("per_day", amountOrZero.described("Largest sum per UTC day, minor units.")),
            .required("currency", .string("A currency's code.")), .required("not_after", instant),
        ], additional: true
    ).example(#"{"max_amount":5000,"per_day":20000,"currency":"USD","not_after":"2027-01-01T00:00:00Z"}"#)

    static let instant = Schema.oneOf([.dateTime, .integer("Unix seconds.", minimum: 0)])

    private static let allowanceMembers: [Schema.Member] = [
        .required("payer", .did), .required("service", .did), .required("max_amount", amountOrZero),
        .required("per_day", amountOrZero), .required("currency", currency), .required("not_after", .dateTime),
    ]

    static let allowance = Schema.named("Allowance", .object(allowanceMembers))

    static let allowances = Schema.page(
        of: .object(allowanceMembers + [.required("spent_today", .integer("Minor units, UTC day.", minimum: 0))]))

    static let gasRequest = Schema.named(
        "GasRequest",
        .object(
            [
                .required("sender_did", .did), .required("recipient_did", .did),
                .required(
                    "tier",
                    .integer("1 trust graph, 2 declared interest, 3 extended reach.", minimum: 1, maximum: 3)),
            ], additional: true))

    private static let gasPrice: [Schema.Member] = [
        .required("tier", .integer(minimum: 1, maximum: 3)),
        .required("message_number", .integer("Within the last 30 days.", minimum: 1)),
        .required("multiplier", .enumeration(Gas.multipliers.map(\.description))),
        .required("amount", amountOrZero), .required("currency", currency),
    ]

    static let gasQuote = Schema.object(
        gasPrice + [.required("curve", .array(of: .object(gasPrice), "The 1st to the 6th and every later message."))])

    static let gasCharge = Schema.object(gasPrice + [.required("entry_seq", .nullable(entrySeq))]).example(
        #"{"tier":2,"message_number":2,"multiplier":"1.5","amount":150000,"currency":"MJN","entry_seq":12}"#)

    static let gasPreferences = Schema.named(
        "GasPreferences",
        .object(
            [
                .optional("whitelist", .array(of: .did, maxItems: PayService.standingsMax)),
                .optional("blacklist", .array(of: .did, maxItems: PayService.standingsMax)),
                .optional("per_day_max", .nullable(.integer(minimum: 0, maximum: 1_000_000))),
            ], additional: true))

    static let gasCluster = Schema.object(
        [.required("founder_did", .did), .required("statement", .string("A compact JWS by the founder."))],
        additional: true)

    static let gasClusterReply = Schema.object([.required("business_did", .did), .required("founder_did", .did)])

    static let manifestRequest = Schema.object(
        [.required("fair_manifest", manifest), .optional("fair_chain", chain)], additional: true)

    static let manifestCID = Schema.object([.required("cid", cid)])
}
