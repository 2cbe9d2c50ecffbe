import Cryptography

/// Signed `.fair` manifests with five contributors each.
struct Manifests {
    private static let shares = [
        ("artist", "0.4"), ("producer", "0.25"), ("writer", "0.15"), ("mixer", "0.12"), ("label", "0.08"),
    ]

    /// The bytes of each, signature included, and its CID.
    private(set) var texts: [[UInt8]] = []
    private(set) var cids: [String] = []

    /// Makes `count` manifests over accounts drawn by `random`; the first contributor signs.
    init(count: Int, accounts: Accounts, name: String, random: inout SeededRandom) throws {
        texts.reserveCapacity(count)
        for number in 0..<count {
            let parties = (0..<Self.shares.count).map { _ in random.below(accounts.dids.count) }
            let list = zip(parties, Self.shares).map { party, share in
                "{\"id\":\"\(accounts.dids[party])\",\"role\":\"\(share.0)\",\"weight\":\(share.1)}"
            }
            let contributors = list.joined(separator: ",")
            let unsigned = "{\"version\":\"0.3.0\",\"id\":\"\(name)-\(number)\",\"contributors\":[\(contributors)]}"
            let signedBytes = try JSONDocument(parsing: unsigned).root.canonicalBytes()
            let signer = parties[0]
            let value = Hex.encode(try accounts.key(signer).sign(signedBytes))
            let signature =
                "{\"algorithm\":\"ed25519\",\"value\":\"\(value)\",\"publicKeyRef\":\"\(accounts.dids[signer])\"}"
            texts.append(Array((unsigned.dropLast() + ",\"signature\":\(signature)}").utf8))
            cids.append(CID(codec: .raw, hashing: signedBytes).string)
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same draws for the same seed.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to and without `bound`.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
