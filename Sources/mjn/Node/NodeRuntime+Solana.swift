import Cryptography
import HTTPClient
import Kernel
import LedgerStore
import Pay
import Service
import Settlement
import Solana

extension NodeRuntime {
    /// Solana, live, with what was opened for it.
    struct SolanaParts: Sendable {
        let rail: SolanaRail
        let client: SolanaClient
        let http: HTTPClient
    }

    /// Whether Solana is on.
    enum SolanaState: Sendable {
        case off(String)
        case on(SolanaParts)
    }

    /// Opens Solana where its settings are there.
    ///
    /// Which program keeps a token is read from the chain once and kept with the book. Where that was never read and no
    /// node answers, the rail is off until the next start.
    /// - Throws: exit code 64 for a mint that the node cannot deal in, or that another one was before; 65 and 77 for
    ///   the treasury's key file.
    static func openSolana(
        _ settings: RailSettings.Solana, _ store: PostgresLedgerStore?, payOrigin: String?
    ) async throws -> SolanaState {
        if let reason = settings.offReason { return .off(reason) }
        let treasury = try KeyFile.readTreasury(settings.treasuryKeyPath ?? "")
        let http = try HTTPClient(HTTPClientConfiguration(egress: .any, userAgent: "mjn/\(MJN.version)"))
        let endpoints = settings.nodes.map {
            SolanaEndpoint(
                url: $0, requestsPerSecond: Int64(settings.requestsPerSecond),
                burst: Int64(settings.requestsPerSecond) * 2)
        }
        let timing = SolanaTiming.live(nowMs: SystemClock.milliseconds)
        let client = SolanaClient(
            SolanaRPC(endpoints[0], others: Array(endpoints.dropFirst()), http: http, timing: timing))
        do {
            let tokens = try await tokens(settings.mints, store, client)
            let origin = settings.payOrigin ?? payOrigin
            let former = try await formerTreasuries(SolanaAddress(treasury.publicKey), store)
            let rail = SolanaRail(
                client: client, treasury: treasury,
                settings: SolanaRailSettings(
                    tokens: tokens, computePriceMicroLamports: settings.computePriceMicroLamports,
                    detection: settings.detection,
                    payLink: origin.map { $0 + PayService.solanaPayPath }, label: settings.label,
                    outflow: store.map { SolanaOutflow(maxMinor: settings.outflowMaxMinor, store: $0) },
                    openings: store.map {
                        SolanaOpenings(
                            budgetLamports: settings.accountBudgetLamports, chargesPayees: settings.chargesPayees,
                            store: $0)
                    },
                    nonces: store.map { SolanaNonces(count: settings.nonceCount, store: $0) },
                    formerTreasuries: former),
                timing: timing)
            return .on(SolanaParts(rail: rail, client: client, http: http))
        } catch let failure as SolanaToken.ReadFailure {
            await http.shutdown()
            guard case .unavailable(let reason) = failure else { throw failure }
            return .off("its tokens were never read, and no node says what they are: \(reason); start again")
        } catch {
            await http.shutdown()
            throw error
        }
    }

    /// The tokens of the settings, as they were when the node first dealt in them.
    private static func tokens(
        _ mints: [String: SolanaAddress], _ store: PostgresLedgerStore?, _ client: SolanaClient
    ) async throws -> [String: SolanaToken] {
        let pinned = try await store?.tokens(of: .solana) ?? [:]
        var tokens: [String: SolanaToken] = [:]
        for (code, mint) in mints.sorted(by: { $0.key < $1.key }) {
            guard let currency = Currency.named(code) else { continue }
            let decimals = UInt8(currency.exponent)
            if let known = pinned[code], let program = SolanaAddress(known.program) {
                guard known.token == mint.description, known.decimals == decimals else {
                    throw CLIFailure(
                        "MJN_SOLANA_MINTS has another \(code) than the book: \(mint) is not \(known.token)",
                        fix: "set it back; a new token needs a currency of its own", exitCode: ExitStatus.usage)
                }
                tokens[code] = SolanaToken(mint: mint, program: program, decimals: decimals)
                continue
            }
            do throws(SolanaToken.ReadFailure) {
                tokens[code] = try await SolanaToken.read(mint, decimals: decimals, by: client)
            } catch {
                guard case .refused(let refusal) = error else { throw error }
                throw CLIFailure(
                    "\(refusal.code): the node cannot deal in \(mint) as \(code)",
                    fix: "set MJN_SOLANA_MINTS to a plain token with \(decimals) decimals", exitCode: ExitStatus.usage)
            }
        }
        return tokens
    }

    /// What the treasury was before.
    /// - Throws: exit code 64 where the key is not the one whose address payers were told.
    private static func formerTreasuries(
        _ address: SolanaAddress, _ store: PostgresLedgerStore?
    ) async throws -> [SolanaAddress] {
        guard let store else { return [] }
        let treasuries = try await store.treasuries(of: .solana)
        if let current = treasuries.current, current != address.description {
            throw CLIFailure(
                "MJN_SOLANA_TREASURY_KEY is the key of \(address), and payers were told to pay \(current)",
                fix: "set it back, or take the new key for good: mjn rail solana rotate-treasury",
                exitCode: ExitStatus.usage)
        }
        return treasuries.former.compactMap { SolanaAddress($0) }
    }

    /// Fixes the treasury's address and the tokens that the node deals in from now on.
    /// - Throws: exit code 64 where another process was faster with another key.
    static func pinSolana(_ solana: SolanaParts, _ store: PostgresLedgerStore) async throws {
        try await store.pin(
            treasury: solana.rail.address.description, of: .solana, nowMs: SystemClock.milliseconds())
        _ = try await formerTreasuries(solana.rail.address, store)
        for (code, token) in solana.rail.tokens {
            try await store.pin(
                RailToken(
                    token: token.mint.description, program: token.program.description, decimals: token.decimals),
                as: code, of: .solana)
        }
    }
}

extension KeyFile {
    /// Reads the treasury's key: JWK, or a Solana keypair file.
    /// - Throws: exit code 65 when it is neither, 77 when others may read it.
    static func readTreasury(_ path: String) throws(CLIFailure) -> Ed25519PrivateKey {
        let isKeypair = try contents(path).first { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: "[")
        guard isKeypair else { return try readPrivate(path) }
        try checkMode(path)
        return try readSolana(path)
    }
}
