import Cryptography
import LedgerDouble
import Solana

/// Transactions that a seed decides.
struct RandomTransactions {
    var random: TestRandom
    let keys: [Ed25519PrivateKey]
    let addresses: [SolanaAddress]

    init(seed: UInt64) throws {
        random = TestRandom(seed: seed)
        keys = try (0..<6).map { try Ed25519PrivateKey(seed: SHA256.hash(Array("random key \($0)".utf8))) }
        addresses = (0..<30).compactMap { SolanaAddress(bytes: SHA256.hash(Array("random account \($0)".utf8))) }
    }

    /// One that is signed, and the tables that it looks accounts up in.
    mutating func next() throws -> (transaction: SolanaTransaction, tables: [SolanaLookupTable]) {
        let feePayer = keys[random.below(keys.count)]
        var signers: Set<SolanaAddress> = [SolanaAddress(feePayer.publicKey)]
        let instructions = (0..<random.below(6)).map { _ in
            SolanaInstruction(
                program: addresses[random.below(6)],
                accounts: (0..<random.below(5)).map { _ in
                    let isSigner = random.chance(perMille: 150)
                    let address =
                        isSigner
                        ? SolanaAddress(keys[random.below(3)].publicKey) : addresses[random.below(addresses.count)]
                    if isSigner { signers.insert(address) }
                    return SolanaInstruction.Account(
                        address, isSigner: isSigner, isWritable: random.chance(perMille: 500))
                }, data: bytes(random.below(random.chance(perMille: 100) ? 200 : 20)))
        }
        let tables: [SolanaLookupTable]? = random.chance(perMille: 500) ? (0..<random.below(3)).map { table($0) } : nil
        guard let blockhash = SolanaBlockhash(bytes: bytes(32)) else { throw NoAddress(text: "no blockhash") }
        let message = try SolanaMessage(
            feePayer: SolanaAddress(feePayer.publicKey), instructions: instructions,
            blockhash: blockhash, tables: tables)
        let needed = keys.filter { signers.contains(SolanaAddress($0.publicKey)) }
        return (try SolanaTransaction(signing: message, with: needed), tables ?? [])
    }

    /// Bytes near a transaction's: some changed, cut, or added.
    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var damaged = bytes
        for _ in 0...random.below(3) {
            // The head of the message is where the structure stands.
            let from = random.chance(perMille: 500) ? 0 : min(64, damaged.count)
            guard damaged.count > from else { return damaged }
            let at = from + random.below(min(damaged.count - from, random.chance(perMille: 500) ? 8 : 1_300))
            switch random.below(6) {
            case 0: damaged.remove(at: at)
            case 1: damaged.insert(UInt8(random.below(256)), at: at)
            case 2: damaged[at] ^= 0x80
            case 3: damaged[at] = UInt8(random.below(8))
            default: damaged[at] = UInt8(random.below(256))
            }
        }
        return damaged
    }

    private mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(random.below(256)) } }

    private mutating func table(_ index: Int) -> SolanaLookupTable {
        let members = addresses.filter { _ in random.chance(perMille: 400) }.shuffled(using: &random)
        return SolanaLookupTable(address: addresses[29 - index], addresses: members)
    }
}
