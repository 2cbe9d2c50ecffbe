import Cryptography

/// A step of an identity chain, read from its payload and not yet checked against the chain.
public struct IdentityOperation: Hashable, Sendable {
    /// What it does.
    public enum Action: Hashable, Sendable {
        /// Begins a chain.
        case create(KeySet, services: [ServiceEntry])
        /// Replaces all keys and all services; services that it does not name are gone.
        case update(KeySet, services: [ServiceEntry])
        /// Ends the identity until it is restored; keys and services stay noted.
        case delete
        /// Takes a delete back.
        case restore
    }

    /// What it does.
    public let action: Action
    /// When, by its signer's word.
    public let createdAt: Timestamp
    /// The text that it names its predecessor by; nil for `create`.
    public let previous: String?

    /// Reads the payload.
    ///
    /// Throws `versionInvalid`, `typeInvalid`, `createdAtInvalid`, `memberInvalid`, `keysTooMany`, `serviceInvalid`,
    /// `servicesTooMany`, `servicesTooLarge`, `typeHeaderInvalid`.
    public init(_ operation: SignedOperation) throws(ProofError) {
        let payload = PayloadReader(operation)
        try payload.checkVersion()
        guard let type = operation.type.flatMap({ ActionName($0) }) else { throw ProofError(.typeInvalid) }
        createdAt = try payload.createdAt()
        try operation.checkKind(.identity)
        previous = type == .create ? nil : try payload.string("previousOperationCID")
        switch type {
        case .create: action = .create(try Self.keys(payload), services: try Self.services(payload))
        case .update: action = .update(try Self.keys(payload), services: try Self.services(payload))
        case .delete: action = .delete
        case .restore: action = .restore
        }
    }

    private enum ActionName: String, CaseIterable {
        case create, update, delete, restore

        init?(_ text: String) {
            guard let name = Self.allCases.first(where: { $0.rawValue.utf8.elementsEqual(text.utf8) }) else {
                return nil
            }
            self = name
        }
    }

    private static func keys(_ payload: PayloadReader) throws(ProofError) -> KeySet {
        let keys = KeySet(
            auth: try payload.keys("authKeys"), assert: try payload.keys("assertKeys"),
            controller: try payload.keys("controllerKeys"))
        guard !keys.controller.isEmpty else { throw ProofError(.controllerMissing) }
        try keys.check()
        return keys
    }

    private static func services(_ payload: PayloadReader) throws(ProofError) -> [ServiceEntry] {
        guard let list = payload.root["services"] else { return [] }
        return try ServiceEntry.read(list)
    }
}
