import Cryptography
import Kernel
import ProofChain

/// What a node attests, read from its dag-cbor; see `Attestation` for how it is made.
struct NodeAttestation {
    /// The header's `typ` of its token.
    static let typ = "mjn-attestation+cbor"

    let cid: CID
    let issuer: DID
    let subject: DID
    let type: String
    /// What it was about: a settlement's id.
    let context: String
    let payload: CBORMap
    let issuedAt: ProofChain.Timestamp

    /// Reads a token's payload. Whether the signature is the issuer's is another question.
    init(_ token: JWSToken) throws(StatementError) {
        let malformed = StatementError(StatementError.malformed, "its payload is not that of an attestation, version 1")
        guard let value = try? DAGCBOR.decode(token.payload) else {
            throw StatementError(StatementError.malformed, "its payload is no dag-cbor")
        }
        guard case .int(1) = value["v"], case .text(let issuerText) = value["issuer"],
            case .text(let subjectText) = value["subject"], case .text(let type) = value["type"],
            case .text(let context) = value["context"], case .map(let payload) = value["payload"],
            case .int(let issuedAtMs) = value["issued_at"], case .bytes = value["nonce"],
            let issuer = try? DID(issuerText), let subject = try? DID(subjectText),
            let issuedAt = try? Timestamp(millisecondsSinceEpoch: issuedAtMs)
        else { throw malformed }
        guard let signer = token.keyID, signer.utf8.elementsEqual(issuer.string.utf8) else {
            throw StatementError(StatementError.malformed, "its header names another signer than its issuer")
        }
        cid = CID(codec: .dagCBOR, hashing: token.payload)
        guard let named = token.contentID, named.utf8.elementsEqual(cid.string.utf8) else {
            throw StatementError(StatementError.cidMismatch, "its header does not name the CID of its payload")
        }
        self.issuer = issuer
        self.subject = subject
        self.type = type
        self.context = context
        self.payload = payload
        self.issuedAt = issuedAt
    }

    /// What it says, as a sentence.
    var says: String {
        switch type {
        case "transaction.settled":
            let service = text("service").map { " through \($0)" } ?? ""
            let purpose = text("type").map { " for a \($0)" } ?? ""
            return "\(issuer) attests that \(subject) paid \(amount)\(purpose)\(service), settled as \(context)"
        case "customer":
            let service = text("service").map { " of \($0)" } ?? ""
            return "\(issuer) attests that \(subject) became a customer\(service) with \(context)"
        default:
            return "\(issuer) attests \(type) of \(subject), in the context of \(context)"
        }
    }

    private var amount: String {
        guard case .int(let minor) = payload["amount"], let currency = text("currency") else { return "an amount" }
        return Decimal.text(minor, currency: currency)
    }

    private func text(_ name: String) -> String? {
        if case .text(let text) = payload[name] { return text }
        return nil
    }
}
