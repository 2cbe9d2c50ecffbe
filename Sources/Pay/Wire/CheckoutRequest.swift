import Cryptography
import Kernel
import Service
import Settlement

/// A request for a payment, read and checked for form: a checkout, or a top-up of a balance.
struct CheckoutRequest {
    let body: JSONValue
    /// nil: a guest.
    let payer: DID?
    let amountMinor: Int64
    /// Not checked yet: an unknown one is refused after the manifest.
    let currencyCode: String
    let service: String
    let type: String
    /// What splits it by itself; nil: the service settles with it.
    var manifest: SettleRequest.ManifestReference?
    var chain: [JSONValue] = []
    let rail: RailName
    /// Whether payees get their parts on the rail itself.
    var isDirect = false
    let successURL: String
    let cancelURL: String
    let metadataJSON: [UInt8]
    let isTopUp: Bool

    /// - Throws: `field_invalid` with the member's name, `amount_invalid`.
    init(checkout root: JSONValue) throws(Problem) {
        let fields = try Body(root)
        try self.init(
            fields, payer: try fields.optional("from_did", fields.did), service: try fields.name("service"),
            type: try fields.name("type"), isTopUp: false)
        if fields["fair_manifest"] != nil || fields["fair_manifest_cid"] != nil {
            manifest = try SettleRequest.manifest(root)
        }
        chain = try fields.chain()
        isDirect = try fields.flag("direct")
    }

    /// - Throws: as ``init(checkout:)``.
    init(topUp root: JSONValue) throws(Problem) {
        let fields = try Body(root)
        try self.init(fields, payer: try fields.did("did"), service: "balance", type: "topup", isTopUp: true)
    }

    private init(
        _ fields: Body, payer: DID?, service: String, type: String, isTopUp: Bool
    ) throws(Problem) {
        body = fields.root
        self.payer = payer
        self.service = service
        self.type = type
        self.isTopUp = isTopUp
        amountMinor = try fields.amount("amount")
        currencyCode = try fields.text("currency", max: Body.nameBytesMax)
        rail = try fields.rail()
        successURL = try fields.text("success_url", max: ReturnOrigins.bytesMax)
        cancelURL = try fields.text("cancel_url", max: ReturnOrigins.bytesMax)
        metadataJSON = try fields.metadata()
    }

}
