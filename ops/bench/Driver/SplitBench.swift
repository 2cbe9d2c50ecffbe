import Cryptography
import Foundation
import Solana

/// Builds and signs transactions that pay five at once, on one core and without a chain.
enum SplitBench {
    private static func key(_ name: String) throws -> Ed25519PrivateKey {
        try Ed25519PrivateKey(seed: SHA256.hash(Array("split bench \(name)".utf8)))
    }

    /// Transactions a second of processor time, the best of five passes. Each has a memo of its own, a random and a
    /// manifest's reference, and becomes bytes; the payees' token accounts are known.
    static func measure(_ count: Int) throws -> Double {
        let payer = try key("payer")
        let owner = SolanaAddress(payer.publicKey)
        let token = SolanaToken(mint: SolanaAddress(try key("mint").publicKey), decimals: 6)
        let source = token.account(of: owner)
        let shares = try (0..<5).map { index in
            SolanaSplit.Share(
                account: token.account(of: SolanaAddress(try key("payee \(index)").publicKey)),
                amountMinor: Int64(1_000 + index))
        }
        let references = [SolanaAddress(try key("reference").publicKey), SolanaAddress(try key("manifest").publicKey)]
        let blockhash = SolanaBlockhash(bytes: SHA256.hash(Array("blockhash".utf8)))
        guard let blockhash else { return 0 }
        let seconds = try ProcessorTime.leastOfFive { pass in
            var bytes = 0
            for index in 0..<count {
                let split = try SolanaSplit(
                    token: token, payer: owner, source: source, shares: shares, memo: "stl_\(pass)_\(index)",
                    references: references, fee: SolanaFee(transfers: 5, computePriceMicroLamports: 10_000))
                bytes += try SolanaTransaction(signing: split.message(blockhash: blockhash), with: [payer]).bytes.count
            }
            precondition(bytes > count * 500)
        }
        return Double(count) / seconds
    }
}
