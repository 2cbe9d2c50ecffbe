import Cryptography
import Kernel
import Service

/// A payer's one-time consent inside a service's request: a compact JWS (EdDSA) over
/// `{payer, audience, max_amount, currency, manifest_cid, not_after, nonce}`.
///
/// `audience` is the DID of the service that may use it, so that nobody else who sees it can. Its `nonce` is spent with
/// the settlement, in the book's own transaction.
struct Authorization {
    /// Characters of a nonce.
    static let nonceMax = 128
    /// What the signed payload may be.
    private static let limits = JSONLimits(depth: 4, members: 64, bytes: 8 << 10)

    let payer: DID
    let audience: DID
    let maxAmountMinor: Int64
    let currencyCode: String
    let manifestCID: String
    let notAfterMs: Int64
    let nonce: String
    private let token: JWSToken

    /// Reads a token. Who signed it is another question: ``check(_:)``.
    /// - Throws: `payer_consent_missing` with what is wrong.
    init(_ compact: String) throws(Problem) {
        do throws(JWSError) {
            token = try JWS.parse(compact)
        } catch {
            throw Self.refusal("the authorization is no compact JWS with EdDSA: \(error.code)")
        }
        let payload: JSONDocument
        do throws(JSONError) {
            payload = try JSONDocument(parsing: token.payload, limits: Self.limits)
        } catch {
            throw Self.refusal("the authorization's payload is not JSON")
        }
        do throws(Problem) {
            let fields = try Body(payload.root)
            payer = try fields.did("payer")
            audience = try fields.did("audience")
            maxAmountMinor = try fields.amount("max_amount")
            currencyCode = try fields.text("currency", max: Body.nameBytesMax)
            manifestCID = try fields.text("manifest_cid", max: Body.nameBytesMax * 2)
            notAfterMs = try fields.instant("not_after")
            nonce = try fields.text("nonce", max: Self.nonceMax)
        } catch {
            throw Self.refusal("the authorization's \(error.detail ?? "payload is incomplete")")
        }
    }

    /// Checks that its payer signed it.
    /// - Throws: `payer_consent_missing` with what is wrong; `identity_unavailable`; what the store throws.
    func check(_ signer: StatementSigner) async throws(Problem) {
        switch try await signer.verdict(on: token, by: payer) {
        case .valid: return
        case .retired: throw Self.refusal("the payer's key is retired")
        case .keyless: throw Self.refusal("the payer has no key to sign with")
        case .invalid: throw Self.refusal("the authorization's signature is not its payer's")
        }
    }

    /// The consent that it gives to a request. Whether it is over or was spent is for the book to say, so that a retry
    /// of what was settled in time gets its answer.
    /// - Throws: `payer_consent_missing` when it is for something else.
    func consent(to request: SettleRequest, by caller: DID, manifestCID cid: String) throws(Problem) -> Consent {
        guard payer == request.payer else { throw Self.refusal("the authorization is another payer's") }
        guard audience == caller else { throw Self.refusal("the authorization's audience is another service") }
        guard currencyCode == request.currencyCode else {
            throw Self.refusal("the authorization is for \(currencyCode)")
        }
        guard request.grossMinor <= maxAmountMinor else {
            throw Self.refusal("the authorization is for at most \(maxAmountMinor) minor units")
        }
        guard manifestCID == cid else { throw Self.refusal("the authorization is for another manifest") }
        return .authorization(nonce: nonce, notAfterMs: notAfterMs, token: token.compact)
    }

    private static func refusal(_ detail: String) -> Problem { Problem(.payerConsentMissing, detail) }
}
