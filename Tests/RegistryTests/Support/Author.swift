import Cryptography
import ProofChain

/// An identity of a test, which signs for itself.
struct Author: Sendable {
    let key: Ed25519PrivateKey
    let genesis: SignedOperation
    let signer: OperationSigner

    var did: String { signer.did.string }
    /// A time at which everything of its has happened.
    static let began = "2026-03-07T00:00:00.000Z"

    init(key: Ed25519PrivateKey = Ed25519PrivateKey(), at time: String = began) throws {
        self.key = key
        let entry = Multikey(key.publicKey)
        genesis = try OperationSigner.createIdentity(
            keys: KeySet(all: entry), createdAt: try Timestamp(time), keyID: entry.id, privateKey: key)
        signer = OperationSigner(did: DFOSDID(genesis: genesis.cid), keyID: entry.id, privateKey: key)
    }

    /// A document that nothing else has.
    static func document(_ text: String) -> CID { CID(codec: .dagCBOR, hashing: Array(text.utf8)) }

    /// The first operation of a chain of its own.
    func content(_ text: String = "first", at time: String = "2026-03-07T00:01:00.000Z") throws -> SignedOperation {
        try signer.createContent(documentCID: Self.document(text + did), createdAt: try Timestamp(time))
    }

    /// An operation that follows another.
    func content(
        after previous: SignedOperation, _ text: String, at time: String = "2026-03-07T00:02:00.000Z"
    ) throws -> SignedOperation {
        try signer.updateContent(
            previous: previous.cid, documentCID: Self.document(text + did), createdAt: try Timestamp(time))
    }

    func artifact(_ text: String, at time: String = "2026-03-07T00:01:00.000Z") throws -> SignedOperation {
        try signer.artifact(
            content: Array(#"{"$schema":"https://example.org/note/v1","text":"\#(text)"}"#.utf8),
            createdAt: try Timestamp(time))
    }
}
