import Cryptography
import Solana

/// Balances in details of transactions, and accounts.
extension ModelNode.State {
    func junk(_ amount: String, _ out: inout JSONWriter) {
        out.beginObject()
        out.field("accountIndex", 200)
        for name in ["mint", "owner", "programId"] {
            out.field(name, SolanaAddress(ModelWallets.payees[0].publicKey).description)
        }
        out.key("uiTokenAmount")
        out.beginObject()
        out.field("amount", amount)
        out.endObject()
        out.endObject()
    }

    func balance(
        _ change: (wallet: SolanaAddress, amountMinor: Int64), of entry: ModelNode.Landed, isAfter: Bool,
        _ out: inout JSONWriter
    ) {
        let account = entry.token.account(of: change.wallet)
        guard let index = entry.transaction.message.accounts.firstIndex(of: account) else { return }
        // Only differences are read: half of what fits is more than enough to start from.
        let base: Int64 = 1 << 50
        out.beginObject()
        out.field("accountIndex", index)
        out.field("mint", entry.token.mint.description)
        out.field("owner", change.wallet.description)
        out.field("programId", entry.token.program.description)
        out.key("uiTokenAmount")
        out.beginObject()
        out.field("amount", String(base + (isAfter ? change.amountMinor : 0)))
        out.endObject()
        out.endObject()
    }

    /// Every wallet is a plain one, and has an account of every token.
    func accounts(_ parameters: [JSONValue], _ out: inout JSONWriter) {
        out.beginObject()
        out.key("context")
        out.beginObject()
        out.field("slot", slot)
        out.endObject()
        out.key("value")
        out.beginArray()
        for value in parameters[0].elements {
            let address = value.string.flatMap { SolanaAddress($0) }
            let (owner, data) = address.map { account($0) } ?? (SolanaProgram.system, [])
            out.beginObject()
            out.key("data")
            out.beginArray()
            out.string(Base64.encode(data))
            out.string("base64")
            out.endArray()
            out.field("owner", owner.description)
            out.field("lamports", 1_000_000_000)
            out.field("executable", false)
            out.endObject()
        }
        out.endArray()
        out.endObject()
    }

    private func account(_ address: SolanaAddress) -> (owner: SolanaAddress, data: [UInt8]) {
        if let decimals = mints[address] {
            var data = [UInt8](repeating: 0, count: 82)
            (data[44], data[45]) = (decimals, 1)
            return (SolanaProgram.token, data)
        }
        for mint in mints.keys {
            let token = SolanaToken(mint: mint, decimals: mints[mint] ?? 0)
            guard let wallet = wallets.first(where: { token.account(of: $0) == address }) else { continue }
            var data = [UInt8](repeating: 0, count: 165)
            data.replaceSubrange(0..<32, with: mint.bytes)
            data.replaceSubrange(32..<64, with: wallet.bytes)
            withUnsafeBytes(of: UInt64(max(0, balances[address] ?? 0)).littleEndian) {
                data.replaceSubrange(64..<72, with: $0)
            }
            data[108] = 1
            return (SolanaProgram.token, data)
        }
        return (SolanaProgram.system, [])
    }

    /// Wallets that may be asked about.
    private var wallets: [SolanaAddress] { ModelWallets.all }
}
