import Cryptography

/// Addresses that programs own: digests that are no point of the curve, so that no key can sign for them.
public enum ProgramAddress {
    private static let marker = Array("ProgramDerivedAddress".utf8)

    /// The address of seeds, bump included; nil where it would lie on the curve, or for seeds that are too many or
    /// long.
    public static func create(seeds: [[UInt8]], program: SolanaAddress) -> SolanaAddress? {
        guard seeds.count <= SolanaWireLimits.seedsMax,
            seeds.allSatisfy({ $0.count <= SolanaWireLimits.seedBytesMax })
        else { return nil }
        var hasher = SHA256.Hasher()
        for seed in seeds { hasher.update(seed) }
        return finish(hasher, program)
    }

    /// The address of seeds with the highest bump that gives one; nil for seeds that are too many or too long.
    public static func find(seeds: [[UInt8]], program: SolanaAddress) -> (address: SolanaAddress, bump: UInt8)? {
        guard seeds.count < SolanaWireLimits.seedsMax,
            seeds.allSatisfy({ $0.count <= SolanaWireLimits.seedBytesMax })
        else { return nil }
        var prefix = SHA256.Hasher()
        for seed in seeds { prefix.update(seed) }
        for bump in (UInt8.min...UInt8.max).reversed() {
            var hasher = prefix
            hasher.update([bump])
            if let address = finish(hasher, program) { return (address, bump) }
        }
        return nil
    }

    private static func finish(_ hasher: SHA256.Hasher, _ program: SolanaAddress) -> SolanaAddress? {
        var hasher = hasher
        hasher.update(program.bytes)
        hasher.update(marker)
        let digest = hasher.finalize()
        return Ed25519Point.isOnCurve(digest) ? nil : SolanaAddress(exactly: digest)
    }

    /// The token account of an owner for a mint.
    /// - Parameter tokenProgram: the owner of the mint's account: with the other one it is another address.
    public static func associatedToken(
        owner: SolanaAddress, mint: SolanaAddress, tokenProgram: SolanaAddress
    ) -> SolanaAddress {
        // One digest in two is off the curve: that 256 bumps give none does not happen.
        guard
            let found = find(
                seeds: [owner.bytes, tokenProgram.bytes, mint.bytes], program: SolanaProgram.associatedToken)
        else { preconditionFailure("no bump gives a token account") }
        return found.address
    }
}
