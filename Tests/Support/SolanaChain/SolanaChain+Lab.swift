import Cryptography

extension SolanaChain {
    /// Lets slots pass.
    public func tick(_ slots: Int) async throws { try await call("test_tick") { $0.int(slots) } }

    /// Makes the next so many requests go wrong: `drop`, `delay`, `loseReply`, `ghost`, `http429`, `http503`, `behind`,
    /// `blockhashNotFound`, `stale`. `slots` belongs to `delay`, `behind` and `stale`.
    public func fault(_ kind: String, count: Int = 1, slots: Int? = nil) async throws {
        try await call("test_fault") { writer in
            writer.string(kind)
            writer.beginObject()
            writer.field("count", count)
            if let slots { writer.field("slots", slots) }
            writer.endObject()
        }
    }

    /// Makes everything go right again.
    public func clearFaults() async throws { try await call("test_clear") }

    /// Loses the history before the newest slot.
    public func forget() async throws { try await call("test_forget") }

    /// How many transactions were sent so far.
    public func sends() async throws -> Int64 { try await call("test_state")["sends"]?.int64 ?? -1 }

    /// Gives SOL to a wallet.
    public func airdrop(_ wallet: String, lamports: Int64) async throws {
        try await call("test_airdrop") {
            $0.string(wallet)
            $0.int(lamports)
        }
    }

    /// Makes a mint whose authority is `authority`.
    public func createMint(_ mint: String, decimals: Int, authority: String, program: String) async throws {
        try await call("test_createMint") {
            $0.string(mint)
            $0.int(decimals)
            $0.string(authority)
            $0.string(program)
        }
    }

    /// Sets what a wallet has of a token. Returns its token account.
    @discardableResult
    public func fund(_ wallet: String, mint: String, amountMinor: Int64) async throws -> String {
        try await call("test_fund") {
            $0.string(wallet)
            $0.string(mint)
            $0.int(amountMinor)
        }.string ?? ""
    }

    /// Freezes a token account, or thaws it.
    public func freeze(_ account: String, _ isFrozen: Bool = true) async throws {
        try await call("test_freeze") {
            $0.string(account)
            $0.bool(isFrozen)
        }
    }

    /// Puts an account at an address.
    public func setAccount(_ address: String, data: [UInt8], owner: String) async throws {
        try await call("test_setAccount") {
            $0.string(address)
            $0.string(Base64.encode(data))
            $0.string(owner)
        }
    }
}
