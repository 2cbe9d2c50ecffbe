import Cryptography
import Kernel

/// People and services of the tests, each with a key made of the name, so that every run is the same.
struct Person: Sendable {
    let key: Ed25519PrivateKey
    let did: DID

    init(_ name: String) {
        do {
            key = try Ed25519PrivateKey(seed: SHA256.hash(Array("mjn test key \(name)".utf8)))
        } catch {
            preconditionFailure("32 bytes make a key")
        }
        did = DID(publicKey: key.publicKey)
    }

    /// Somebody under another of his keys.
    init(_ person: Person, with key: Ed25519PrivateKey) {
        self.key = key
        did = person.did
    }

    static let payer = Person("payer")
    static let otherPayer = Person("other payer")
    /// Allowed with `--from any`.
    static let trusted = Person("trusted service")
    /// Allowed to settle with the payer's consent only.
    static let service = Person("service")
    /// Allowed to settle up to 100 minor units.
    static let smallService = Person("small service")
    /// Allowed to read.
    static let reader = Person("reader")
    /// Not allowed anything.
    static let stranger = Person("stranger")
    static let artist = Person("artist")
    static let producer = Person("producer")
    static let engineer = Person("engineer")
    static let platform = Person("platform")
    static let node = Person("node")
}

/// Manifests of the tests.
enum Manifests {
    /// JSON of a 0.3.0 manifest, not signed.
    static func text(
        id: String = "urn:test:track", _ contributors: [(String, String, String)], extra: String = ""
    ) -> String {
        let list = contributors.map { #"{"id":"\#($0.0)","role":"\#($0.1)","weight":\#($0.2)}"# }
        return #"{"id":"\#(id)","version":"0.3.0","type":"track","#
            + #""contributors":[\#(list.joined(separator: ","))]\#(extra)}"#
    }

    /// The contract's example: three fifths, a quarter, the rest.
    static func standard(id: String = "urn:test:track", extra: String = "") -> String {
        text(
            id: id,
            [
                (Person.artist.did.string, "artist", "0.6"), (Person.producer.did.string, "producer", "0.25"),
                (Person.engineer.did.string, "engineer", "0.15"),
            ], extra: extra)
    }

    /// A manifest with a signature.
    static func signed(
        _ text: String, by person: Person = .artist, as role: ManifestSigner.Role = .author
    ) throws -> [UInt8] {
        try ManifestSigner.sign(try JSONDocument(parsing: text).root, key: person.key, signer: person.did, as: role)
    }

    static func cid(_ json: [UInt8]) throws -> CID { Manifest.cid(of: try JSONDocument(parsing: json).root) }
}
