import Cryptography
import Foundation

/// The people of the benchmark: keys made from a seed, so that any run can make them again.
struct Accounts {
    /// What each holds at first, in minor units: enough for one to pay for every settlement of every run.
    static let fundedMinor: Int64 = 100_000_000_000
    static let currency = "USD"

    let dids: [String]
    private let seed: String

    init(count: Int, seed: String) throws {
        self.seed = seed
        dids = try (0..<count).map { DID(publicKey: try Self.key($0, seed: seed).publicKey).string }
    }

    func key(_ index: Int) throws -> Ed25519PrivateKey { try Self.key(index, seed: seed) }

    private static func key(_ index: Int, seed: String) throws -> Ed25519PrivateKey {
        try Ed25519PrivateKey(seed: SHA256.hash(Array("mjn-bench \(seed) \(index)".utf8)))
    }

    /// Writes what `mjn ledger fund --file` reads: one JSON object a line.
    func writeFunding(to url: URL) throws {
        var text = ""
        text.reserveCapacity(dids.count * 120)
        for did in dids {
            text += "{\"did\":\"\(did)\",\"amount\":\(Self.fundedMinor),\"currency\":\"\(Self.currency)\"}\n"
        }
        try Data(text.utf8).write(to: url)
    }
}
