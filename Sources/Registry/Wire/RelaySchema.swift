import Service

/// The JSON that the relay takes and gives, for the specification.
enum RelaySchema {
    static let cid = Schema.string("A CID in base32.", pattern: "^bafyrei[a-z2-7]{52}$")
    static let token = Schema.string("A compact JWS.")
    static let kind = Schema.enumeration([
        "identity-op", "content-op", "artifact", "countersign", "revocation", "credential",
    ])
    private static let signedAt = Schema.string("A time as it was signed.", format: "date-time")

    static func page(_ name: String, _ row: Schema) -> Schema {
        .object([.required(name, .array(of: row)), .required("next", next)])
    }

    static let next = Schema.nullable(.string("Pass as `after` for the next page; null on the last one."))

    static let operations = Schema.object(
        [.required("operations", .array(of: token, maxItems: RelayLimits.operationsPerRequest))], additional: true)

    static let results = Schema.object([
        .required(
            "results",
            .array(
                of: .object([
                    .required("cid", .string("Empty for what cannot be read.")),
                    .required("status", .enumeration(["new", "duplicate", "rejected"])), .optional("kind", kind),
                    .optional("chainId", .string), .optional("error", .string),
                    .optional("dependencyMissing", .boolean),
                ])))
    ])

    static let operation = Schema.object([
        .required("cid", cid), .required("jwsToken", token),
        .required(
            "chainType",
            .enumeration(["identity", "content", "artifact", "countersign", "revocation", "credential"])),
        .required("chainId", .string),
    ])

    static let entry = Schema.object([.required("cid", cid), .required("jwsToken", token)])
    static let logEntry = Schema.object([
        .required("cid", cid), .required("jwsToken", token), .required("kind", kind), .required("chainId", .string),
    ])

    private static let key = Schema.object([
        .required("id", .string), .required("type", .enumeration(["Multikey"])),
        .required("publicKeyMultibase", .string),
    ])
    static let identity = Schema.object([
        .required("did", .did), .required("headCID", cid),
        .required(
            "state",
            .object([
                .required("did", .did), .required("isDeleted", .boolean), .required("authKeys", .array(of: key)),
                .required("assertKeys", .array(of: key)), .required("controllerKeys", .array(of: key)),
                .required("services", .array(of: .object([], additional: true))),
            ])),
    ])
    static let content = Schema.object([
        .required("contentId", .string), .required("genesisCID", cid), .required("headCID", cid),
        .required(
            "state",
            .object([
                .required("contentId", .string), .required("genesisCID", cid), .required("headCID", cid),
                .required("isDeleted", .boolean), .required("currentDocumentCID", .nullable(cid)),
                .required("length", .integer(minimum: 1)), .required("creatorDID", .did),
            ])),
    ])
    static let resolution = Schema.object(
        [
            .required("didDocument", .nullable(.object([], additional: true))),
            .required("didResolutionMetadata", .object([], additional: true)),
            .required("didDocumentMetadata", .object([], additional: true)),
        ], additional: true)

    static let relay = Schema.object([
        .required("did", .did), .required("protocol", .enumeration(["dfos-web-relay"])), .required("version", .string),
        .required("capabilities", .map(of: .boolean)), .required("profile", token),
        .required("peers", .array(of: .object([.required("endpoint", .string)]))),
        .required(
            "stats",
            .object([
                .required("pendingOps", .integer), .required("opCount", .integer),
                .required("countsByKind", .map(of: .integer)), .required("oldestOpAt", .nullable(signedAt)),
                .required("headCid", .nullable(cid)),
            ])),
    ])

    static let credentialStatus = Schema.object([
        .required("credentialCID", cid), .required("revoked", .boolean), .optional("revocation", token),
    ])
    static let issuerRevocations = Schema.object([
        .required("did", .did),
        .required(
            "revocations", .array(of: .object([.required("credentialCID", cid), .required("revocation", token)]))),
        .required("next", next),
    ])

    static let indexIdentity = Schema.object([
        .required("did", .did), .required("headCID", cid), .required("opCount", .integer(minimum: 1)),
        .required("genesisAt", signedAt), .required("headAt", signedAt), .required("isDeleted", .boolean),
        .required(
            "profile",
            .nullable(
                .object([
                    .required("anchor", .string), .required("publicRead", .boolean),
                    .required("docSchema", .nullable(.string)), .required("name", .nullable(.string)),
                ]))),
    ])
    static let indexContent = Schema.object([
        .required("contentId", .string), .required("genesisCID", cid), .required("headCID", cid),
        .required("creatorDID", .did), .required("isDeleted", .boolean), .required("opCount", .integer(minimum: 1)),
        .required("genesisAt", signedAt), .required("headAt", signedAt),
        .required("currentDocumentCID", .nullable(.string)), .required("publicRead", .boolean),
        .required("docSchema", .nullable(.string)), .required("title", .nullable(.string)),
    ])
    static let indexCredit = Schema.object([
        .required("contentId", .string), .required("did", .string), .required("role", .nullable(.string)),
        .required("position", .integer(minimum: 0)), .required("hasClaim", .boolean),
    ])
    static let indexArtifact = Schema.object([
        .required("cid", cid), .required("signerDID", .did), .required("createdAt", signedAt),
        .required("ingestedAt", .dateTime), .required("docSchema", .string),
    ])
    static let indexWitness = Schema.object([
        .required("witness", .did),
        .required(
            "countersignatures",
            .array(
                of: .object([
                    .required("cid", cid), .required("targetCID", .string),
                    .required("relation", .nullable(.string)), .required("jwsToken", token),
                ]))),
        .required("next", next),
    ])
    static let indexCredential = Schema.object([
        .required("cid", cid), .required("issuerDID", .did), .required("aud", .enumeration(["*"])),
        .required("att", .array(of: .object([.required("resource", .string), .required("action", .string)]))),
        .required("exp", .integer("Unix seconds.")), .required("jwsToken", token),
    ])
    static let indexOperation = Schema.object([
        .required("cid", cid), .required("kind", kind), .required("chainId", .string),
        .required("createdAt", signedAt), .required("ingestedAt", .dateTime),
    ])

    static let stored = Schema.object([
        .required("status", .enumeration(["stored"])), .required("contentId", .string),
        .required("documentCID", cid), .required("operationCID", cid),
    ])

    static let deposit = Schema.object(
        [
            .required("request", token), .required("credential", token),
            .optional("chain", .array(of: token, maxItems: RelayLimits.depositChain)),
        ], additional: true)
    static let deposited = Schema.object([.required("cid", cid), .required("expiresAt", signedAt)])
    static let pendingRequest = Schema.object([
        .required("cid", cid), .required("request", token), .required("depositedAt", .dateTime),
        .required("declined", .boolean),
    ])
    static let response = Schema.object([.required("response", token)], additional: true)
    static let responseStored = Schema.object([.required("status", .enumeration(["stored"]))])
    static let responseStatus = Schema.object([
        .required("status", .enumeration(["pending", "declined", "responded"])), .optional("response", token),
    ])
}
