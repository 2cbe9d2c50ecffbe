import Cryptography

extension JWS.Profile {
    /// Tokens of DFOS protocol v1.
    static let proof = JWS.Profile.dfos(tokenBytesMax: ProofLimits.tokenBytes, headerLimits: ProofLimits.header)
}
