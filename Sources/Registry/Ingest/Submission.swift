import Cryptography
import ProofChain

/// Who brought an operation.
public enum OperationSource: Sendable, Hashable {
    /// A client, or a peer that passes on what is new: signed with a key that is in force.
    case client
    /// The log of a peer, which took the operation before: any key that its signer ever had.
    case peer

    var keyBasis: KeyBasis { self == .client ? .current : .historical }
}

/// A token as it was brought, taken apart once.
package struct Submission: Sendable {
    let token: String
    let source: OperationSource
    /// The operation; nil when it cannot be read.
    let operation: SignedOperation?
    /// Why it cannot be read.
    let failure: ProofError?
    /// Its key in the pool of waiting operations.
    let tokenHash: [UInt8]

    package init(_ token: String, from source: OperationSource) {
        self.token = token
        self.source = source
        tokenHash = SHA256.hash(Array(token.utf8))
        guard token.utf8.count <= RelayLimits.tokenBytes else {
            (operation, failure) = (nil, ProofError(.tokenTooLarge))
            return
        }
        do throws(ProofError) {
            (operation, failure) = (try SignedOperation(token: token), nil)
        } catch {
            (operation, failure) = (nil, error)
        }
    }

    /// What it is, where it is something that relays take; a credential for one audience is not.
    var kind: OperationKind? {
        guard let operation, operation.kid?.isEmpty == false, !operation.isPrivateCredential else { return nil }
        return operation.kind
    }

    /// What is decided first: identities, whose keys everything else needs; then what depends on them alone; then
    /// content; then countersignatures, which have all of these for targets.
    var rank: Int {
        switch kind {
        case .identity: 0
        case .artifact, .revocation, .credential: 1
        case .content: 2
        case .countersign: 3
        case nil: 4
        }
    }
}
