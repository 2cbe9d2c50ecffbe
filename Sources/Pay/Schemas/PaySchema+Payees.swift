import Kernel
import Service

/// The JSON of payees, balances and escrow requests, for the specification.
extension PaySchema {
    private static let schedule = Schema.enumeration(PolicyRequest.schedules)
    private static let minimum = Schema.map(of: amount, "From which amount on, minor units by currency.")
    private static let destinations = Schema.array(
        of: .object(
            [
                .required("rail", rail), .required("currency", .string("A currency's code.")),
                .required(
                    "address",
                    .string(
                        "In the rail's own form: `acct_…`, an e-mail address, a wallet.", minLength: 1,
                        maxLength: PolicyRequest.addressMax)),
            ], additional: true), "At most one per rail and currency.", maxItems: PolicyRequest.destinationsMax)

    static let policy = Schema.named(
        "PayoutPolicy",
        .object(
            [
                .required("destinations", destinations),
                .optional("default_rail", .nullable(rail).described("The rail of a currency that has several.")),
                .required("schedule", schedule), .optional("minimum", minimum),
            ], additional: true)
    ).example(
        """
        {"destinations":[{"rail":"stripe","currency":"CAD","address":"acct_1Example"}],"default_rail":"stripe",\
        "schedule":"weekly","minimum":{"CAD":2500}}
        """)

    /// As it is read back: every member is there.
    static let policyStored = Schema.named(
        "StoredPayoutPolicy",
        .object([
            .required("destinations", destinations), .required("default_rail", .nullable(rail)),
            .required("schedule", schedule), .required("minimum", minimum),
        ]))

    private static let memo = Schema.string("What for, for people.", minLength: 1, maxLength: PayService.memoMax)

    static let transferRequest = Schema.object(
        [
            .required("from_did", .did), .required("to_did", .did), .required("amount", amount),
            .required("currency", .string("A currency's code.")), .optional("memo", memo),
        ], additional: true)

    static let transfer = Schema.named(
        "Transfer",
        .object([
            .required("id", .string(pattern: "^trf_[0-9a-z]+$")), .required("from_did", .did),
            .required("to_did", .did), .required("amount", amount),
            .required("credit", amountOrZero.described("How much of it was credit, and still is.")),
            .required("currency", currency), .required("memo", .string), .required("entry_seq", entrySeq),
            .required("entry_hash", hash), .required("created_at", .dateTime),
        ]))

    static let withdrawRequest = Schema.object(
        [
            .required("did", .did), .required("amount", amount), .required("currency", .string("A currency's code.")),
            .optional("rail", rail.described("The payee's default one when left out.")),
        ], additional: true
    ).example(
        #"{"did":"did:imajin:8fWx1xtdq8eFvPDJTz3rfXxDpoTjoLyMHxMUgL1x9kAM","amount":2500,"currency":"CAD"}"#)

    static let escrowRequest = Schema.object(
        [
            .required("from_did", .did), .required("to_did", .did),
            .optional("arbiter_did", .did.described("Who decides when they disagree.")), .required("amount", amount),
            .required("currency", .string("A currency's code.")),
            .optional("release_after", instant.described("When what is left is released by itself.")),
            .optional("memo", memo),
        ], additional: true)

    static let escrowPart = Schema.object(
        [.optional("amount", amount.described("Minor units; all that is left when left out."))], additional: true)

    static let onboardRequest = Schema.object(
        [
            .optional("country", .string("ISO 3166-1.", pattern: "^[A-Z]{2}$")), .optional("email", .string),
            .required("refresh_url", .string("Where a seller goes whose link is used up.")),
            .required("return_url", .string("Where a seller goes who is done, or gave up.")),
        ], additional: true)

    static let onboardingLink = Schema.object([
        .required("url", .string), .required("expires_at", .nullable(.dateTime)),
        .required("account", .string("The address of payouts to it.")),
    ])

    static let onboardingStatus = Schema.object([
        .required("state", .enumeration(OnboardingStatus.states)), .required("account", .nullable(.string)),
        .required("takes_transfers", .boolean), .required("payouts_enabled", .boolean),
        .required("due", .array(of: .string)), .required("overdue", .array(of: .string)),
        .required("disabled_reason", .nullable(.string)),
    ])
}
