import Cryptography
import Foundation
import Kernel

/// Somebody with a key.
struct Person: Sendable {
    let key: Ed25519PrivateKey
    let did: String

    init() { self.init(Ed25519PrivateKey()) }

    init(_ key: Ed25519PrivateKey) {
        self.key = key
        did = DID(publicKey: key.publicKey).string
    }

    init(jwk path: String) throws {
        self.init(try JWK.decodePrivate(Array(Data(contentsOf: URL(fileURLWithPath: path)))))
    }

    /// Signs a manifest.
    func sign(_ manifest: String, as role: ManifestSigner.Role = .author) throws -> String {
        let bytes = try ManifestSigner.sign(JSONDocument(parsing: manifest).root, key: key, as: role)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Manifests and requests as text.
enum Text {
    /// A manifest of these contributors, not signed.
    static func manifest(
        _ contributors: [(id: String, weight: String)], id: String = "urn:test:\(UUID().uuidString)", extra: String = ""
    ) -> String {
        let list = contributors.map { #"{"id":"\#($0.id)","role":"artist","weight":\#($0.weight)}"# }
        return #"{"version":"0.3.0","id":"\#(id)","contributors":[\#(list.joined(separator: ","))]\#(extra)}"#
    }

    /// A manifest's CID.
    static func cid(_ manifest: String) throws -> String {
        Manifest.cid(of: try JSONDocument(parsing: manifest).root).string
    }

    /// The body of `POST /api/settle`.
    static func settle(
        _ manifest: String, from payer: String, _ amount: String = "100", currency: String = "USD", extra: String = ""
    ) -> String {
        #"{"from_did":"\#(payer)","amount":\#(amount),"currency":"\#(currency)","service":"tests","type":"ticket","#
            + #""fair_manifest":\#(manifest)\#(extra)}"#
    }
}
