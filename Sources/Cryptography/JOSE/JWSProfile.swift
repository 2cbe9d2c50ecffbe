extension JWS {
    /// What a protocol lets a token look like. A protocol's tokens are the same everywhere or not at all, so a reader
    /// that is stricter than its peers leaves their chain.
    package struct Profile: Sendable {
        /// The longest token in bytes.
        let tokenBytesMax: Int
        /// The longest header, and how much may be in it.
        let headerLimits: JSONLimits
        /// Whether a token has one text only: no padding, no spare bits in the last character of a part.
        let isTextUnique: Bool
        /// Header members that a token must not have.
        let keyMembers: [String]
        /// Whether `b64` other than true is refused even where `crit` does not ask for it (RFC 7797 section 6).
        let isEncodingFixed: Bool

        /// Tokens of this project's own making and of HTTP callers.
        package static let strict = Profile(
            tokenBytesMax: JWS.tokenBytesMax, headerLimits: JWS.headerLimits, isTextUnique: true,
            keyMembers: ["jwk", "jku", "x5c", "x5u"], isEncodingFixed: true)

        /// DFOS protocol v1: base64url with or without padding, as its references decode it; `jwk` and `x5c` refused,
        /// other members of a header ignored.
        package static func dfos(tokenBytesMax: Int, headerLimits: JSONLimits) -> Profile {
            Profile(
                tokenBytesMax: tokenBytesMax, headerLimits: headerLimits, isTextUnique: false,
                keyMembers: ["jwk", "x5c"], isEncodingFixed: false)
        }

        /// The bytes of one part of a token; nil when it is none under this profile.
        func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
            isTextUnique ? Base64URL.decode(part) : Base64URL.decodeLenient(part)
        }
    }
}
