import Service

/// The JSON of Solana Pay's transaction requests, for the specification.
extension PaySchema {
    static let solanaPayLabel = Schema.named(
        "SolanaPayLabel",
        .object([.required("label", .string("Who asks.")), .required("icon", .string("Where an image of it is."))]))

    static let solanaPayRequest = Schema.named(
        "SolanaPayRequest",
        .object(
            [
                .required("account", .string("The payer's wallet, base58.", minLength: 1, maxLength: 64)),
                .optional("transaction", .string("Base64 of a transaction to be told whether the node made it.")),
            ], additional: true))

    static let solanaPayTransaction = Schema.named(
        "SolanaPayTransaction",
        .object([
            .required("transaction", .string("Base64; signatures are left empty.")),
            .required("message", .string("What for, for the payer.")),
        ]))

    static let solanaPayProblem = Schema.named(
        "SolanaPayProblem",
        .object(
            [
                .required("code", .string("Stable.")), .required("message", .string("For the payer.")),
                .required("status", .integer),
            ], additional: true))
}
