import Cryptography

/// A step of a content chain, read from its payload and not yet checked against the chain. Documents are named by the
/// texts of their CIDs and are nobody's concern here.
public struct ContentOperation: Hashable, Sendable {
    /// What it does.
    public enum Action: Hashable, Sendable {
        /// Begins a chain with a document.
        case create(documentCID: String)
        /// Puts another document in place, or none.
        case update(documentCID: String?)
        /// Ends the chain, along this branch.
        case delete
    }

    /// What it does.
    public let action: Action
    /// Who does it.
    public let author: DFOSDID
    /// The document that it builds on, by its author's word.
    public let baseDocumentCID: String?
    /// When, by its author's word.
    public let createdAt: Timestamp
    /// The text that it names its predecessor by; nil for `create`.
    public let previous: String?
    /// The credential of an author who did not begin the chain; nil when there is none.
    public let authorization: String?

    private static let authorizationMember = "authorization"

    /// Reads the payload.
    ///
    /// Throws `versionInvalid`, `typeInvalid`, `memberInvalid`, `identifierInvalid`, `createdAtInvalid`,
    /// `typeHeaderInvalid`, `credentialTooLarge`, `operationTooLarge`.
    public init(_ operation: SignedOperation) throws(ProofError) {
        let payload = PayloadReader(operation)
        try payload.checkVersion()
        let type = operation.type ?? ""
        author = try payload.did("did")
        createdAt = try payload.createdAt()
        if type.utf8.elementsEqual("create".utf8) {
            action = .create(documentCID: try payload.string("documentCID"))
        } else if type.utf8.elementsEqual("update".utf8) {
            action = .update(documentCID: try payload.nullableString("documentCID"))
        } else if type.utf8.elementsEqual("delete".utf8) {
            action = .delete
        } else {
            throw ProofError(.typeInvalid)
        }
        if case .create = action { previous = nil } else { previous = try payload.string("previousOperationCID") }
        baseDocumentCID = action == .delete ? nil : try payload.nullableString("baseDocumentCID")
        authorization = previous == nil ? nil : try payload.optionalString(Self.authorizationMember)
        try operation.checkKind(.content)
        try Self.checkSize(operation, payload.root, authorization)
    }

    private static func checkSize(
        _ operation: SignedOperation, _ payload: JSONValue, _ authorization: String?
    ) throws(ProofError) {
        if let authorization, authorization.utf8.count > ProofLimits.credentialBytes {
            throw ProofError(.credentialTooLarge)
        }
        var byteCount = operation.payloadByteCount
        if byteCount > ProofLimits.operationBytes, payload[authorizationMember] != nil {
            // It was encoded once already, with the member.
            byteCount = (try? DAGCBOR.encode(json: payload, omitting: [authorizationMember]).count) ?? byteCount
        }
        guard byteCount <= ProofLimits.operationBytes else {
            throw ProofError(.operationTooLarge, String(byteCount))
        }
    }
}
