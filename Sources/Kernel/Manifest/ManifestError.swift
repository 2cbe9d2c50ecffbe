public import Cryptography

/// Why a manifest was refused. The checks run in the order of the first cases: malformed, unsigned, signature, signer,
/// platform, weights, chain.
public enum ManifestError: Error, Hashable, Sendable {
    /// Not a manifest of a known shape, or one that contradicts itself.
    case malformed(String)
    /// Nobody signed it.
    case unsigned
    /// The signature is not one, or does not verify under the signer's keys.
    case signatureInvalid(String)
    /// The signer's key is retired.
    case keyRetired(DID)
    /// The signer's keys could not be looked up just now; asking again later may succeed.
    case keyUnavailable(DID)
    /// The signature verifies, but its signer is neither the owner, the owner's delegate, nor a contributor.
    case signerNotParty(DID)
    /// The platform's signature is missing where one is required, or does not verify.
    case platformSignatureInvalid(String)
    /// The weights of one list sum to more than 1 + 10^-9.
    case weightsExceedOne(sumText: String)
    /// Manifests that the chain refers to are not known here.
    case chainUnresolved([CID])
    /// The chain comes back to a manifest that it started from.
    case chainCycle(CID)
    /// The chain is deeper, wider or longer than ``ManifestLimits`` allow.
    case chainTooDeep(String)
    /// A manifest of the chain is itself refused, for the inner reason.
    indirect case chainInvalid(link: CID, inner: ManifestError)
    /// A manifest of the same id was accepted before from somebody else.
    case ownerChanged(from: DID, to: DID)
    /// A line names nobody whom this node can pay.
    case contributorNotPayable(String)

    /// The code of a chain with links that were found nowhere: the one refusal of a manifest that time may mend.
    public static let chainUnresolvedCode = "chain_unresolved"

    /// The stable code that clients and scripts read.
    public var code: String {
        switch self {
        case .malformed: "manifest_malformed"
        case .unsigned: "manifest_unsigned"
        case .signatureInvalid: "manifest_signature_invalid"
        case .keyRetired: "key_retired"
        case .keyUnavailable: "identity_unavailable"
        case .signerNotParty: "manifest_signer_not_party"
        case .platformSignatureInvalid: "manifest_platform_signature_invalid"
        case .weightsExceedOne: "weights_exceed_one"
        case .chainUnresolved: Self.chainUnresolvedCode
        case .chainCycle: "chain_cycle"
        case .chainTooDeep: "chain_too_deep"
        case .chainInvalid: "chain_invalid"
        case .ownerChanged: "manifest_owner_changed"
        case .contributorNotPayable: "contributor_not_payable"
        }
    }

    /// One sentence for a person.
    public var reason: String {
        switch self {
        case .malformed(let what): what
        case .unsigned: "the manifest has no signature"
        case .signatureInvalid(let what): what
        case .keyRetired(let did): "the key of \(did) is retired"
        case .keyUnavailable(let did): "the keys of \(did) cannot be looked up just now"
        case .signerNotParty(let did): "\(did) signed, but is neither the owner, its delegate, nor a contributor"
        case .platformSignatureInvalid(let what): what
        case .weightsExceedOne(let sum): "the weights sum to \(sum)"
        case .chainUnresolved(let missing):
            "the chain refers to manifests that are not known here: "
                + missing.map(\.string).joined(separator: ", ")
        case .chainCycle(let cid): "the chain comes back to \(cid)"
        case .chainTooDeep(let what): what
        case .chainInvalid(let link, let inner): "\(link) in the chain: \(inner.code): \(inner.reason)"
        case .ownerChanged(let from, let to): "the manifest of this id is \(from)'s, and \(to) signed a later one"
        case .contributorNotPayable(let who): "\(who) cannot be paid on this node"
        }
    }
}
