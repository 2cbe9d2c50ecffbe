import Cryptography
import ProofChain

/// An identity of a test, which knows its own key and signs for itself.
struct Actor {
    let privateKey: Ed25519PrivateKey
    let genesis: SignedOperation
    var state: IdentityState
    var signer: OperationSigner

    /// `number` chooses the key; the same number is the same identity.
    init(
        _ number: UInt8, createdAt: String = "2026-03-07T00:00:00.000Z", services: [ServiceEntry] = [],
        keyID: KeyID? = nil
    ) throws {
        privateKey = try Self.key(number)
        let key = Multikey(privateKey.publicKey, id: keyID)
        genesis = try OperationSigner.createIdentity(
            keys: KeySet(all: key), services: services, createdAt: try Timestamp(createdAt), keyID: key.id,
            privateKey: privateKey)
        state = try IdentityState(genesis: genesis)
        signer = OperationSigner(did: state.did, keyID: key.id, privateKey: privateKey)
    }

    static func key(_ number: UInt8) throws -> Ed25519PrivateKey {
        try Ed25519PrivateKey(seed: [UInt8](repeating: number, count: 32))
    }

    var did: DFOSDID { state.did }

    /// Extends the identity by an operation of its own, and keeps the new state.
    @discardableResult
    mutating func apply(_ operation: SignedOperation) throws -> SignedOperation {
        try state.extend(by: operation)
        return operation
    }

    /// Replaces all keys by one, and signs with it from then on.
    @discardableResult
    mutating func rotate(to number: UInt8, at time: String) throws -> SignedOperation {
        let next = try Self.key(number)
        let key = Multikey(next.publicKey)
        let operation = try apply(
            try signer.updateIdentity(
                previous: state.headCID, keys: KeySet(all: key), createdAt: try Timestamp(time)))
        signer = OperationSigner(did: did, keyID: key.id, privateKey: next)
        return operation
    }

    @discardableResult
    mutating func delete(at time: String) throws -> SignedOperation {
        try apply(try signer.deleteIdentity(previous: state.headCID, createdAt: try Timestamp(time)))
    }

    @discardableResult
    mutating func restore(at time: String) throws -> SignedOperation {
        try apply(try signer.restoreIdentity(previous: state.headCID, createdAt: try Timestamp(time)))
    }
}
