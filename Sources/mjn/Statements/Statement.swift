import Cryptography
import Kernel
import ProofChain

/// A verified statement of one identity, in the terms that all kinds have in common.
struct Statement {
    /// The kinds, as scripts read them.
    enum Kind: String {
        /// What a node attests of its own book.
        case attestation
        /// What an identity states.
        case artifact
        /// A witness's signature under another operation.
        case countersignature
        /// A permission.
        case credential
        /// The end of a permission.
        case revocation
    }

    let kind: Kind
    let cid: CID
    /// Who says it, a DID.
    let issuer: String
    /// About whom; nil when it names nobody.
    var subject: String?
    /// What sort of statement it is, in the issuer's own word; nil when there is none.
    let type: String?
    /// When, by the issuer's word.
    let issuedAt: ProofChain.Timestamp
    /// The key that signed it.
    let signer: Signer
    /// What it says, as a sentence.
    var says: String
    /// Members of one kind only, for scripts.
    var details: [(name: String, json: [UInt8])] = []
    /// What a countersignature or a revocation is about, by the text of its CID.
    var targetCID: String?
    /// In what sense a witness signed.
    var relation: String?

    /// A key, and why it counts.
    struct Signer {
        /// What the identity calls it; the DID itself where no chain says more.
        let name: String
        /// The DID that the key is.
        let did: String?
        /// Whether a chain showed that the key was in force then; false: the issuer's DID is this key, and no chain of
        /// it was at hand, or began later.
        let isByChain: Bool
    }
}

/// Why a statement does not hold.
struct StatementError: Error {
    /// Stable, for programs: a code of the proof chain, or one of those below.
    let code: String
    let reason: String

    init(_ code: String, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    init(_ error: ProofError) {
        self.init(error.code.rawValue, error.reason)
    }

    static let malformed = "attestation_malformed"
    static let signatureInvalid = "attestation_signature_invalid"
    static let cidMismatch = "attestation_cid_mismatch"
    static let signerUnknown = "attestation_signer_unknown"
    static let keyNotInForce = "attestation_key_not_in_force"
    static let kindUnsupported = "attestation_kind_unsupported"
}
