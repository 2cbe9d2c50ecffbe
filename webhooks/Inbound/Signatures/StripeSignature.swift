public import Cryptography

/// Stripe's scheme of signing webhooks: HMAC-SHA256 over the time, a dot and the body's bytes.
///
/// Source: Stripe's documentation, "Verify webhook signatures manually". Pure: the clock is passed in.
public enum StripeSignature {
    /// Why a request is not taken for Stripe's.
    public enum Refusal: Error, Hashable, Sendable {
        /// There is no header.
        case missing
        /// The header is not of the form, or no signature in it is of one of the secrets; the text says which.
        case invalid(String)
        /// Signed by one of the secrets, but too long ago, or too far in the future.
        case expired
    }

    /// How far the time may be off, either way. Stripe's libraries take 300 s into the past and any time in the future;
    /// a clock that is ahead by more is no reason to accept a request that can be sent again for ever.
    public static let toleranceSeconds: Int64 = 300
    /// Bytes of a header: a time and dozens of signatures, of 68 each; past it the header is invalid.
    public static let headerBytesMax = 4096
    /// Parts of a header: two schemes under a handful of secrets; past it the header is invalid.
    public static let partsMax = 32
    /// Secrets of one endpoint: two during a rotation, and room for a careless one; each costs one hash a webhook.
    public static let secretsMax = 8

    /// Checks a request's bytes, before anything looks into them.
    ///
    /// Every signature is compared with that of every secret, in constant time.
    /// - Parameters:
    ///   - header: the `Stripe-Signature` field's value.
    ///   - nowSeconds: Unix seconds.
    /// - Throws: `missing`, `invalid`, `expired`.
    public static func verify(
        header: String?, body: [UInt8], secrets: [SigningSecret], nowSeconds: Int64
    ) throws(Refusal) {
        guard let header, !header.isEmpty else { throw .missing }
        let parts = try SignatureHeader(parsing: header)
        let signed = Array(parts.time.utf8) + [UInt8(ascii: ".")] + body
        var isSigned = false
        for secret in secrets {
            let tag = Hex.encode(secret.key.authenticate(signed))
            for signature in parts.signatures where constantTimeEquals(signature.utf8, tag.utf8) { isSigned = true }
        }
        guard isSigned else { throw .invalid("no signature is of a secret of this endpoint") }
        let (age, isOver) = nowSeconds.subtractingReportingOverflow(parts.seconds)
        guard !isOver, (-toleranceSeconds...toleranceSeconds).contains(age) else { throw .expired }
    }
}
