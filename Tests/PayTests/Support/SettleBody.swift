import Cryptography

/// Bodies of settlement requests: what a test does not name has the plain default.
struct SettleBody {
    var from = Person.payer.did.string
    /// JSON text.
    var amount = "10000"
    var currency = "USD"
    var service = "events"
    var type = "ticket"
    /// The JSON of a manifest.
    var manifest: [UInt8]?
    var manifestCID: String?
    var chain: [[UInt8]] = []
    var funding: String? = #"{"source":"balance"}"#
    var authorization: String?
    var metadata: String? = "{}"
    var key: String?

    /// A request for the standard manifest.
    init() throws { manifest = try Manifests.signed(Manifests.standard()) }

    init(_ manifest: [UInt8]) { self.manifest = manifest }

    init(cid: String) { manifestCID = cid }

    var json: String {
        var members = [
            #""from_did":"\#(from)""#, #""amount":\#(amount)"#, #""currency":"\#(currency)""#,
            #""service":"\#(service)""#, #""type":"\#(type)""#,
        ]
        if let manifest { members.append(#""fair_manifest":\#(String(decoding: manifest, as: UTF8.self))"#) }
        if let manifestCID { members.append(#""fair_manifest_cid":"\#(manifestCID)""#) }
        if !chain.isEmpty {
            let list = chain.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",")
            members.append(#""fair_chain":[\#(list)]"#)
        }
        if let funding { members.append(#""funding":\#(funding)"#) }
        if let authorization { members.append(#""authorization":"\#(authorization)""#) }
        if let metadata { members.append(#""metadata":\#(metadata)"#) }
        if let key { members.append(#""idempotency_key":"\#(key)""#) }
        return "{\(members.joined(separator: ","))}"
    }

    /// The same with a change.
    func with(_ change: (inout SettleBody) -> Void) -> SettleBody {
        var copy = self
        change(&copy)
        return copy
    }
}

/// A payer's one-time consent.
struct AuthorizationClaims {
    var payer = Person.payer.did.string
    var audience = Person.service.did.string
    var maxAmount = "10000"
    var currency = "USD"
    var manifestCID: String
    var notAfter = #""2026-03-31T13:00:00Z""#
    var nonce = "nonce-1"

    func token(by person: Person = .payer, keyID: String? = nil) -> String {
        let payload = """
            {"payer":"\(payer)","audience":"\(audience)","max_amount":\(maxAmount),"currency":"\(currency)",\
            "manifest_cid":"\(manifestCID)","not_after":\(notAfter),"nonce":"\(nonce)"}
            """
        return JWS.sign(payload: payload.utf8, header: keyID.map { [("kid", $0)] } ?? [], key: person.key)
    }

    func with(_ change: (inout AuthorizationClaims) -> Void) -> AuthorizationClaims {
        var copy = self
        change(&copy)
        return copy
    }
}
