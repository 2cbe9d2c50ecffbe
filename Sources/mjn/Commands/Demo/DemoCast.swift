import Cryptography
import Kernel

/// Who takes part in the demonstration, by role: fresh keys and two signed manifests, one inside the other.
struct DemoCast: Sendable {
    /// Somebody with a key.
    struct Member: Sendable {
        let role: String
        let key = Ed25519PrivateKey()
        var did: DID { DID(publicKey: key.publicKey) }
    }

    /// Whole units would always divide: this amount does not.
    static let amountMinor: Int64 = 9999
    static let fundedMinor: Int64 = 10_000
    static let currency = Currency.named("USD") ?? .mjnx

    let payer = Member(role: "payer")
    /// In the order of the splits.
    let payees = ["artist", "producer", "engineer", "venue", "composer", "lyricist"].map(Member.init(role:))
    /// The work: five contributors, the last of them another manifest.
    let work: [UInt8]
    let workCID: CID
    /// The sampled work, of the composer and the lyricist.
    let sample: [UInt8]
    let sampleCID: CID

    private static let weights = ["0.5", "0.2", "0.1", "0.1"]
    private static let sampleWeight = "0.1"

    init() throws(ManifestError) {
        let (main, writers) = (Array(payees.prefix(4)), Array(payees.suffix(2)))
        let sampled = Self.manifest(
            id: "urn:mjn:demo:sample:\(writers[0].did.string.suffix(8))", title: "The sampled work",
            contributors: [(writers[0].did.string, "composer", "0.6"), (writers[1].did.string, "lyricist", "0.4")])
        let signedSample = try Self.sign(sampled, writers[0].key)
        let lines = zip(main, Self.weights).map { ($0.did.string, $0.role, $1) }
        let link = ("fair:" + signedSample.cid.string, "sampled work", Self.sampleWeight)
        let whole = Self.manifest(
            id: "urn:mjn:demo:work:\(main[0].did.string.suffix(8))", title: "The work", contributors: lines + [link])
        let signedWork = try Self.sign(whole, main[0].key)
        (sample, sampleCID) = (signedSample.bytes, signedSample.cid)
        (work, workCID) = (signedWork.bytes, signedWork.cid)
    }

    /// The role of a DID.
    func role(of did: String) -> String? {
        ([payer] + payees).first { $0.did.string == did }?.role
    }

    /// The body of `POST /api/settle`.
    var settlementBody: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("from_did", payer.did)
        json.field("amount", Self.amountMinor)
        json.field("currency", Self.currency.code)
        json.field("service", "demo")
        json.field("type", "sale")
        json.field("fair_manifest", raw: work)
        json.array("fair_chain") { $0.raw(sample) }
        json.object("funding") { $0.field("source", "balance") }
        json.endObject()
        return json.bytes
    }

    private static func manifest(
        id: String, title: String, contributors: [(id: String, role: String, weight: String)]
    ) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("version", "0.3.0")
        json.field("id", id)
        json.field("title", title)
        json.array("contributors") { json in
            for contributor in contributors {
                json.beginObject()
                json.field("id", contributor.id)
                json.field("role", contributor.role)
                json.field("weight", raw: contributor.weight.utf8)
                json.endObject()
            }
        }
        json.endObject()
        return json.bytes
    }

    private static func sign(
        _ manifest: [UInt8], _ key: Ed25519PrivateKey
    ) throws(ManifestError) -> (bytes: [UInt8], cid: CID) {
        do {
            let bytes = try ManifestSigner.sign(JSONDocument(parsing: manifest).root, key: key)
            return (bytes, try Manifest.parse(JSONDocument(parsing: bytes).root).cid)
        } catch let error as ManifestError {
            throw error
        } catch {
            throw .malformed("\(error)")
        }
    }
}
