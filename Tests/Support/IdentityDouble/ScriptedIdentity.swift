public import Cryptography
public import ProofChain

/// An identity of a test, which knows its own key and signs for itself.
public struct ScriptedIdentity: Sendable {
    /// Every operation so far.
    public private(set) var log: [SignedOperation]
    /// The chain as it stands.
    public private(set) var state: IdentityState
    private var signer: OperationSigner

    /// The `createdAt` of a genesis where a test names none: 2026-03-31T11:00:00Z.
    public static let beginningMs: Int64 = 1_774_954_800_000

    /// Begins a chain with one key in all roles.
    public init(_ key: Ed25519PrivateKey, atMs: Int64 = Self.beginningMs, name: String? = nil) throws {
        let own = Multikey(key.publicKey, id: name.map { KeyID($0) })
        let genesis = try OperationSigner.createIdentity(
            keys: KeySet(all: own), createdAt: try Timestamp(millisecondsSinceEpoch: atMs), keyID: own.id,
            privateKey: key)
        log = [genesis]
        state = try IdentityState(genesis: genesis)
        signer = OperationSigner(did: state.did, keyID: own.id, privateKey: key)
    }

    /// A key made of a number.
    public static func key(_ number: UInt8) throws -> Ed25519PrivateKey {
        try Ed25519PrivateKey(seed: [UInt8](repeating: number, count: 32))
    }

    /// The last operation.
    public var last: SignedOperation { log[log.count - 1] }

    private func time(_ atMs: Int64?) throws -> Timestamp {
        try Timestamp(millisecondsSinceEpoch: atMs ?? state.lastCreatedAt.millisecondsSinceEpoch + 1)
    }

    private mutating func apply(_ operation: SignedOperation) throws -> SignedOperation {
        try state.extend(by: operation)
        log.append(operation)
        return operation
    }

    /// Replaces all keys by one, which signs from then on; other keys are listed beside it to authenticate.
    @discardableResult
    public mutating func rotate(
        to key: Ed25519PrivateKey, with others: [Ed25519PublicKey] = [], atMs: Int64? = nil
    ) throws -> SignedOperation {
        let own = Multikey(key.publicKey)
        let keys = KeySet(auth: [own] + others.map { Multikey($0) }, assert: [own], controller: [own])
        let operation = try apply(
            try signer.updateIdentity(previous: state.headCID, keys: keys, createdAt: try time(atMs)))
        signer = OperationSigner(did: state.did, keyID: own.id, privateKey: key)
        return operation
    }

    /// Deletes the identity.
    @discardableResult
    public mutating func delete(atMs: Int64? = nil) throws -> SignedOperation {
        try apply(try signer.deleteIdentity(previous: state.headCID, createdAt: try time(atMs)))
    }

    /// Takes the delete back.
    @discardableResult
    public mutating func restore(atMs: Int64? = nil) throws -> SignedOperation {
        try apply(try signer.restoreIdentity(previous: state.headCID, createdAt: try time(atMs)))
    }

    /// A statement of the identity.
    public func artifact(_ content: String, atMs: Int64? = nil) throws -> SignedOperation {
        try signer.artifact(content: Array(content.utf8), createdAt: try time(atMs))
    }

    /// The beginning of a content chain with a document.
    public func content(document: CID, atMs: Int64? = nil) throws -> SignedOperation {
        try signer.createContent(documentCID: document, createdAt: try time(atMs))
    }
}
