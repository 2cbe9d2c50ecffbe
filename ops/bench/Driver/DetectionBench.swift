import Cryptography
import Foundation
import Kernel
import Settlement
import Solana

/// Reads and judges answers about transactions that paid five, on one core and without a node: parsed, checked for
/// form, and every account's difference compared with what was asked for.
enum DetectionBench {
    private static let token = SolanaToken(mint: address("mint"), decimals: 6)
    private static let amounts: [Int64] = [600_000, 250_000, 100_001, 40_000, 9_999]

    private static func address(_ name: String) -> SolanaAddress {
        guard let address = SolanaAddress(bytes: SHA256.hash(Array("detection bench \(name)".utf8))) else {
            preconditionFailure("a digest has 32 bytes")
        }
        return address
    }

    private static func key(_ name: String) throws -> Ed25519PrivateKey {
        try Ed25519PrivateKey(seed: SHA256.hash(Array("detection bench \(name)".utf8)))
    }

    /// Payments a second of processor time, the best of three passes over the same answers.
    static func measure(_ count: Int) throws -> Double {
        let (payer, treasury) = (try key("payer"), SolanaAddress(try key("treasury").publicKey))
        let payees = try (0..<amounts.count).map { SolanaAddress(try key("payee \($0)").publicKey) }
        let (reference, manifest) = (address("reference"), SHA256.hash(Array("manifest".utf8)))
        let collect = CollectInstruction(
            reference: "pay_1-1", paymentID: "pay_1", amountMinor: amounts.reduce(0, +), currency: "MJN",
            description: "", successURL: "", cancelURL: "", expiresAtMs: .max / 2, beganAtMs: 0,
            direct: DirectSplit(
                settlementID: "stl_1", manifestDigest: manifest,
                parts: zip(payees, amounts).map {
                    .init(did: $0.description, address: $0.description, amountMinor: $1)
                },
                nodeMinor: 0))
        let request = try SolanaRequest(
            collect, reference: reference, treasury: treasury, tokens: ["MJN": token])
        let answers = try (0..<count).map { index in
            try answer(index, payer, payees, reference, manifest)
        }
        let seconds = try ProcessorTime.leastOfFive { _ in
            for answer in answers {
                let record = try SolanaRecord(rpc: try JSONDocument(parsing: answer).root)
                guard let facts = request.facts(record, timeSeconds: 0), request.isExact(facts) else {
                    preconditionFailure("it is what was asked for")
                }
            }
        }
        return Double(count) / seconds
    }

    /// What a node says of a transaction.
    private static func answer(
        _ index: Int, _ payer: Ed25519PrivateKey, _ payees: [SolanaAddress], _ reference: SolanaAddress,
        _ manifest: [UInt8]
    ) throws -> [UInt8] {
        guard let digest = SolanaAddress(bytes: manifest),
            let hash = SolanaBlockhash(bytes: SHA256.hash(Array("\(index)".utf8)))
        else { preconditionFailure("a digest has 32 bytes") }
        let from = SolanaAddress(payer.publicKey)
        let accounts = payees.map { token.account(of: $0) }
        let split = try SolanaSplit(
            token: token, payer: from, source: token.account(of: from),
            shares: zip(accounts, amounts).map { .init(account: $0, amountMinor: $1) }, memo: "stl_1",
            references: [reference, digest], fee: SolanaFee(transfers: amounts.count, computePriceMicroLamports: 10_000)
        )
        let transaction = try SolanaTransaction(signing: try split.message(blockhash: hash), with: [payer])
        var out = JSONWriter()
        out.beginObject()
        out.field("slot", index)
        out.array("transaction") {
            $0.string(Base64.encode(transaction.bytes))
            $0.string("base64")
        }
        out.key("meta")
        out.beginObject()
        out.key("err")
        out.null()
        out.field("fee", 5_000)
        let changes = zip(payees, zip(accounts, amounts)).map { ($0, $1.0, $1.1) }
        let all = changes + [(from, token.account(of: from), -amounts.reduce(0, +))]
        for (name, isAfter) in [("preTokenBalances", false), ("postTokenBalances", true)] {
            out.array(name) { out in
                for (owner, account, amount) in all {
                    out.beginObject()
                    out.field("accountIndex", transaction.message.accounts.firstIndex(of: account) ?? 0)
                    out.field("mint", token.mint.description)
                    out.field("owner", owner.description)
                    out.field("programId", token.program.description)
                    out.key("uiTokenAmount")
                    out.beginObject()
                    out.field("amount", String(5_000_000_000 + (isAfter ? amount : 0)))
                    out.endObject()
                    out.endObject()
                }
            }
        }
        out.endObject()
        out.endObject()
        return out.bytes
    }
}
