extension ProofError.Code {
    /// The reason in words. Where relays compare them they are the protocol's, exactly.
    func prose(_ detail: String) -> String {
        let words = self.words
        guard !detail.isEmpty else { return words }
        switch self {
        case .signerMismatch, .keyUnknown: return words + " " + detail
        case .keyMaterialChanged: return "key \(detail) type or public key inconsistency"
        case .authorizationMissing:
            return "signer \(detail) is not the chain creator — authorization credential required"
        default: return words + ": " + detail
        }
    }

    private var words: String {
        tokenWords ?? payloadWords ?? keyWords ?? chainWords ?? credentialWords ?? rawValue
    }

    private var tokenWords: String? {
        switch self {
        case .tokenMalformed: "failed to decode JWS"
        case .tokenTooLarge: "token exceeds max size"
        case .headerInvalid: "invalid JWS header"
        case .algorithmUnsupported: "unsupported alg, must be EdDSA"
        case .extensionUnsupported: "crit header is not supported"
        case .keyInHeader: "header must not carry a key"
        case .signatureLengthInvalid: "signature must be 64 bytes"
        case .signatureInvalid: "invalid signature"
        case .signatureDiffers: "operation already exists with a different signature"
        case .typeHeaderInvalid: "invalid typ"
        case .cidMissing: "missing cid in protected header"
        case .cidMismatch: "cid mismatch in protected header"
        default: nil
        }
    }

    private var payloadWords: String? {
        switch self {
        case .payloadMalformed: "failed to decode payload"
        case .payloadNotCanonical: "failed to compute CID"
        case .versionInvalid: "invalid or missing version"
        case .typeInvalid: "invalid operation type"
        case .memberInvalid: "invalid or missing member"
        case .createdAtInvalid: "invalid createdAt format"
        case .createdAtFuture: "createdAt is too far in the future"
        case .createdAtNotAfter: "createdAt must be after last op"
        case .operationTooLarge: "operation payload exceeds max size"
        case .serviceInvalid: "invalid service entry"
        case .servicesTooMany: "services exceeds max entries"
        case .servicesTooLarge: "services payload exceeds max size"
        default: nil
        }
    }

    private var keyWords: String? {
        switch self {
        case .identifierInvalid: "malformed did:dfos identifier"
        case .signerNotURL: "kid must be a DID URL"
        case .signerIsURL: "genesis op kid must be bare key ID, got DID URL"
        case .signerMismatch: "kid DID does not match"
        case .multikeyInvalid: "failed to decode key"
        case .keysTooMany: "too many keys in one role"
        case .keyRepeated: "cannot repeat key ids in same usage"
        case .keyMaterialChanged: "key type or public key inconsistency"
        case .controllerMissing: "must have at least one controller key"
        case .controllerUnknown: "kid references unknown key"
        case .identityUnknown: "unknown identity"
        case .identityDeleted: "signing identity is deleted"
        case .keyUnknown: "unknown key"
        case .keyNotCurrent: "signing key is not in the identity's current state"
        case .bindingKeyMissing: "key is not among the chain's genesis controller keys"
        case .bindingNotKey: "DID is not a key"
        case .bindingUnproved: "key is listed in the genesis operation and did not sign it"
        default: nil
        }
    }

    private var chainWords: String? {
        switch self {
        case .logEmpty: "log must have at least one operation"
        case .firstNotCreate: "first operation must be create"
        case .createNotFirst: "create can only be the first operation"
        case .previousOperationIncorrect: "previousOperationCID is incorrect"
        case .previousOperationUnknown: "unknown previous operation"
        case .conflictingExtension: "identity chains are linear: conflicting extension refused"
        case .operationRepeated: "operation is in the log already"
        case .chainDeleted: "cannot extend a deleted chain"
        case .restoreWithoutDelete: "restore is only valid directly after delete"
        case .identityMismatch: "log derives another identity"
        case .stateMalformed: "stored state is malformed"
        case .relationInvalid: "relation must be 1 to 64 bytes"
        case .targetUnknown: "unknown target operation"
        case .witnessIsAuthor: "witness DID must differ from target author DID"
        default: nil
        }
    }

    private var credentialWords: String? {
        switch self {
        case .authorizationMissing: "signer is not the chain creator — authorization credential required"
        case .credentialTooLarge: "credential exceeds max size"
        case .credentialNotYetValid: "credential not yet valid (iat is in the future)"
        case .credentialExpired: "credential expired"
        case .credentialRevoked: "credential is revoked"
        case .parentsTooMany: "multi-parent credentials are not supported (prf must have at most one entry)"
        case .delegationTooDeep: "delegation chain too deep (max 16 credentials)"
        case .delegationGap: "delegation gap: parent credential audience does not match child issuer"
        case .delegationExpiryWidened: "delegation chain: child credential expiry exceeds parent expiry"
        case .delegationScopeWidened: "delegation chain: child credential scope exceeds parent scope"
        case .delegationRootMismatch: "delegation chain root issuer does not match expected root"
        case .audienceMismatch: "audience mismatch"
        case .scopeMissing: "credential does not cover access"
        case .tokenNotYetValid: "token not yet valid"
        case .tokenExpired: "token expired"
        case .tokenLifetimeTooLong: "token lifetime too long"
        default: nil
        }
    }
}
