package import Cryptography
import Kernel
package import Service
import Settlement

/// One settlement request, read and checked for form.
package struct SettleRequest {
    /// Where the money comes from.
    enum Funding {
        case balance
        case rail(name: String, reference: String)
    }

    /// Which manifest splits it.
    enum ManifestReference {
        case inline(JSONValue)
        case cid(CID)
    }

    /// Characters of a rail's reference.
    static let referenceMax = 200

    let body: JSONValue
    let payer: DID
    let grossMinor: Int64
    /// Not checked yet: an unknown one is refused after the manifest.
    let currencyCode: String
    let service: String
    let type: String
    let manifest: ManifestReference
    /// Manifests that came along for the chain.
    let chain: [JSONValue]
    let funding: Funding
    /// A compact JWS by the payer.
    let authorization: String?
    /// As received, or empty.
    let metadataJSON: [UInt8]

    /// - Throws: `field_invalid` with the member's name, `amount_invalid`.
    package init(_ root: JSONValue) throws(Problem) {
        let fields = try Body(root)
        body = root
        payer = try fields.did("from_did")
        grossMinor = try fields.amount("amount")
        guard let code = root["currency"]?.string else { throw Body.invalid("currency", "is missing or not a string") }
        currencyCode = code
        service = try fields.name("service")
        type = try fields.name("type")
        manifest = try Self.manifest(root)
        chain = try fields.chain()
        funding = try Self.funding(fields)
        if let value = fields["authorization"] {
            guard let token = value.string else { throw Body.invalid("authorization", "is a compact JWS") }
            authorization = token
        } else {
            authorization = nil
        }
        metadataJSON = try fields.metadata()
    }

    static func manifest(_ root: JSONValue) throws(Problem) -> ManifestReference {
        let json = root["fair_manifest"]
        let cid = root["fair_manifest_cid"].flatMap { $0.isNull ? nil : $0 }
        switch (json?.isNull == true && cid != nil ? nil : json, cid) {
        case (let json?, nil): return .inline(json)
        case (nil, let value?):
            guard let cid = value.string.flatMap({ try? CID($0) }), cid.codec == .raw else {
                throw Body.invalid("fair_manifest_cid", "is the CID of a manifest (CIDv1, raw, SHA-256)")
            }
            return .cid(cid)
        case (nil, nil): throw Body.invalid("fair_manifest", "or fair_manifest_cid is needed")
        case (_?, _?): throw Body.invalid("fair_manifest", "and fair_manifest_cid exclude each other")
        }
    }

    private static func funding(_ fields: Body) throws(Problem) -> Funding {
        guard let value = fields["funding"] else { return .balance }
        guard value.kind == .object, let source = value["source"] else {
            throw Body.invalid("funding", "is an object with a source")
        }
        if source.stringEquals("balance") { return .balance }
        guard source.stringEquals("rail") else { throw Body.invalid("funding.source", "is balance or rail") }
        let inner = try Body(value)
        return .rail(
            name: try inner.name("rail"), reference: try inner.text("reference", max: Self.referenceMax))
    }
}
