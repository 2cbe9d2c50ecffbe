import Cryptography
import Kernel

/// Keys of a test: the same number, the same key.
struct TestKey {
    let privateKey: Ed25519PrivateKey

    init(_ number: Int) {
        var seed = [UInt8](repeating: 7, count: 32)
        for (index, byte) in withUnsafeBytes(of: UInt64(number).bigEndian, Array.init).enumerated() {
            seed[index] = byte
        }
        guard let key = try? Ed25519PrivateKey(seed: seed) else { preconditionFailure("32 bytes are a seed") }
        privateKey = key
    }

    var did: DID { DID(publicKey: privateKey.publicKey) }
    var name: String { did.string }
}

/// Manifests made of JSON text, signed, parsed and verified.
enum Fixture {
    static func json(_ text: String) throws -> JSONValue {
        try JSONDocument(parsing: Array(text.utf8), limits: JSONLimits(depth: 64, members: 200_000, bytes: 8 << 20))
            .root
    }

    /// A manifest of 0.3.0. Entries are `(id, weight as JSON text)`; `extra` is further members, each with its comma.
    static func original(_ entries: [(String, String)], extra: String = "", id: String = "work-1") -> String {
        let list = entries.map { #"{"id":"\#($0.0)","role":"artist","weight":\#($0.1)}"# }.joined(separator: ",")
        return #"{"id":"\#(id)","version":"0.3.0","type":"track","contributors":[\#(list)]\#(extra)}"#
    }

    /// A manifest of 1.0 or 1.1.
    static func newer(
        _ entries: [(String, String)], fair: String = "1.0", owner: String, extra: String = ""
    ) -> String {
        let list = shares(entries)
        return #"{"fair":"\#(fair)","id":"work-1","type":"ticket","owner":"\#(owner)","attribution":\#(list)\#(extra)}"#
    }

    /// A list of shares in the newer shapes.
    static func shares(_ entries: [(String, String)]) -> String {
        let list = entries.map { #"{"did":"\#($0.0)","role":"artist","share":\#($0.1)}"# }
        return "[" + list.joined(separator: ",") + "]"
    }

    static func sign(
        _ text: String, _ key: TestKey, as role: ManifestSigner.Role = .author, signedAt: String? = nil
    ) throws -> String {
        let bytes = try ManifestSigner.sign(json(text), key: key.privateKey, as: role, signedAt: signedAt)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func parse(_ text: String) throws -> Manifest { try Manifest.parse(json(text)) }

    static func signed(_ text: String, _ key: TestKey) throws -> Manifest { try parse(sign(text, key)) }

    static func verify(
        _ text: String, with others: [Manifest] = [], keys: some KeyResolver = DIDKeyResolver(),
        platform: PlatformPolicy = .ifPresent
    ) throws -> VerifiedManifest {
        try verify(parse(text), with: others, keys: keys, platform: platform)
    }

    static func verify(
        _ manifest: Manifest, with others: [Manifest] = [], keys: some KeyResolver = DIDKeyResolver(),
        platform: PlatformPolicy = .ifPresent
    ) throws -> VerifiedManifest {
        let known = Dictionary(others.map { ($0.cid, $0) }) { first, _ in first }
        return try ManifestVerifier.verify(manifest, resolving: { known[$0] }, keys: keys, platform: platform)
    }

    /// The code that parsing and verifying a text ends with; nil when it is valid.
    static func code(
        _ text: String, with others: [Manifest] = [], keys: some KeyResolver = DIDKeyResolver(),
        platform: PlatformPolicy = .ifPresent
    ) throws -> String? {
        do {
            _ = try verify(text, with: others, keys: keys, platform: platform)
            return nil
        } catch let error as ManifestError {
            return error.code
        }
    }
}
