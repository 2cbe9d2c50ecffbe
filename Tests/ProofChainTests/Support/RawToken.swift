import Cryptography
import ProofChain

/// A token with whatever header and payload a test wants; the parts are put together as they stand.
struct RawToken {
    var typ: String
    var kid: String
    var payload: String
    /// The header's `cid`: that of the payload when nil.
    var cid: String?
    /// Members to put behind the usual ones, such as `,"crit":[]`.
    var extra = ""

    init(_ kind: OperationKind, kid: String, payload: String) {
        typ = kind.typ
        self.kid = kid
        self.payload = payload
    }

    /// Signs and returns the token.
    func token(_ key: Ed25519PrivateKey) throws -> String {
        let limits = JSONLimits.deep(depth: 2_000, members: 1 << 20, bytes: 1 << 22)
        let own =
            try cid
            ?? CID(
                codec: .dagCBOR, hashing: DAGCBOR.encode(json: try JSONDocument(parsing: payload, limits: limits).root)
            ).string
        let header = #"{"alg":"EdDSA","typ":"\#(typ)","kid":"\#(kid)","cid":"\#(own)"\#(extra)}"#
        return Self.sign(header: header, payload: payload, key)
    }

    static func sign(header: String, payload: String, _ key: Ed25519PrivateKey) -> String {
        let input = Base64URL.encode(header.utf8) + "." + Base64URL.encode(payload.utf8)
        return input + "." + Base64URL.encode(key.sign(input.utf8))
    }

    /// The three key lists of an operation, each as JSON.
    static func keys(auth: String = "[]", assert: String = "[]", controller: String) -> String {
        #""authKeys":\#(auth),"assertKeys":\#(assert),"controllerKeys":\#(controller)"#
    }

    static func entry(_ key: Multikey) -> String {
        #"{"id":"\#(key.id)","type":"Multikey","publicKeyMultibase":"\#(key.publicKeyMultibase)"}"#
    }
}
