import Cryptography
import HTTPClient
import Solana
import SolanaChain

/// A payer, a token and sixty payees, all decided by names.
struct SplitBench {
    /// The largest count that fits, and its bytes.
    struct Most: Equatable {
        let recipients: Int
        let bytes: Int
    }

    let payer = Self.key("payer")
    let feePayer = Self.key("fee payer")
    let token: SolanaToken
    let owners = (0..<60).map { SolanaAddress(Self.key("payee \($0)").publicKey) }
    let references = [SolanaAddress(Self.key("reference").publicKey), SolanaAddress(Self.key("manifest").publicKey)]
    let tableAddress = SolanaAddress(Self.key("table").publicKey)
    let accounts: [SolanaAddress]

    init(program: SolanaAddress = SolanaProgram.token) {
        let token = SolanaToken(mint: SolanaAddress(Self.key("mint").publicKey), program: program, decimals: 6)
        self.token = token
        accounts = owners.map { token.account(of: $0) }
    }

    var payerAddress: SolanaAddress { SolanaAddress(payer.publicKey) }
    var feePayerAddress: SolanaAddress { SolanaAddress(feePayer.publicKey) }

    static func key(_ name: String) -> Ed25519PrivateKey {
        guard let key = try? Ed25519PrivateKey(seed: SHA256.hash(Array("split bench \(name)".utf8))) else {
            preconditionFailure("a digest is a seed")
        }
        return key
    }

    /// Everything that can stand in a table before there is a payment: payees, mint and source, not the references.
    var table: SolanaLookupTable {
        SolanaLookupTable(
            address: tableAddress, addresses: accounts + [token.mint, token.account(of: payerAddress)])
    }

    func fee(_ transfers: Int) -> SolanaFee { SolanaFee(transfers: transfers, computePriceMicroLamports: 10_000) }

    func split(
        _ count: Int, memo: String = String(repeating: "m", count: 64), separateFeePayer: Bool = false
    ) throws -> SolanaSplit {
        try SolanaSplit(
            token: token, payer: payerAddress, source: token.account(of: payerAddress),
            feePayer: separateFeePayer ? feePayerAddress : nil,
            shares: accounts.prefix(count).enumerated().map { .init(account: $1, amountMinor: Int64($0 + 1)) },
            memo: memo, references: references, fee: fee(count))
    }

    func split(amounts: [Int64]) throws -> SolanaSplit {
        try SolanaSplit(
            token: token, payer: payerAddress, source: token.account(of: payerAddress),
            shares: zip(accounts, amounts).map { .init(account: $0, amountMinor: $1) }, fee: fee(amounts.count))
    }

    func signed(
        _ count: Int, tables: Bool, separateFeePayer: Bool,
        blockhash: SolanaBlockhash? = SolanaBlockhash(bytes: SHA256.hash(Array("blockhash".utf8)))
    ) throws -> SolanaTransaction {
        guard let blockhash else { throw NoAddress(text: "no blockhash") }
        let message = try split(count, separateFeePayer: separateFeePayer)
            .message(blockhash: blockhash, tables: tables ? [table] : nil)
        return try SolanaTransaction(signing: message, with: separateFeePayer ? [feePayer, payer] : [payer])
    }

    /// The largest count for which the transaction can really be made.
    func most(tables: Bool, separateFeePayer: Bool) throws -> Most {
        var most = Most(recipients: 0, bytes: 0)
        for count in 1...owners.count {
            guard let made = try? signed(count, tables: tables, separateFeePayer: separateFeePayer) else { return most }
            most = Most(recipients: count, bytes: made.bytes.count)
        }
        return most
    }

    /// Puts the token, the accounts and the table on a chain.
    func found(_ chain: SolanaChain) async throws {
        for wallet in [payerAddress, feePayerAddress] {
            try await chain.airdrop(wallet.description, lamports: 10_000_000_000)
        }
        try await chain.createMint(
            token.mint.description, decimals: 6, authority: payerAddress.description, program: token.program.description
        )
        try await chain.fund(payerAddress.description, mint: token.mint.description, amountMinor: 1_000_000_000)
        for owner in owners { try await chain.fund(owner.description, mint: token.mint.description, amountMinor: 0) }
        var data = [UInt8](repeating: 0, count: 56)
        data[0] = 1
        data.replaceSubrange(4..<12, with: [UInt8](repeating: 0xFF, count: 8))
        data[21] = 1
        data.replaceSubrange(22..<54, with: payerAddress.bytes)
        data += table.addresses.flatMap(\.bytes)
        try await chain.setAccount(
            tableAddress.description, data: data, owner: SolanaProgram.lookupTable.description)
    }

    func client(_ chain: SolanaChain) -> SolanaClient {
        SolanaClient(SolanaRPC(Self.endpoint(chain), http: chain.http, timing: ChainTime(chain).timing))
    }

    static func endpoint(_ chain: SolanaChain) -> SolanaEndpoint {
        SolanaEndpoint(url: chain.url, requestsPerSecond: 1_000, burst: 1_000)
    }
}
