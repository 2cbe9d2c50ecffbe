import Foundation
import Kernel
import Solana

extension RailSettings {
    /// The Solana rail: nodes to ask, the treasury's key, and which token a currency is.
    struct Solana: Sendable {
        /// JSON-RPC addresses, the preferred one first. They may hold keys.
        let nodes: [String]
        let requestsPerSecond: Int
        let treasuryKeyPath: String?
        /// Mints, by currency code.
        let mints: [String: SolanaAddress]
        /// The origin at which wallets fetch transactions.
        let payOrigin: String?
        /// Who asks, in wallets.
        let label: String
        let detection: SolanaCommitment
        /// What may be paid out in 24 hours, minor units by currency code.
        let outflowMaxMinor: [String: Int64]
        /// What accounts that payees lack may cost in 24 hours, lamports.
        let accountBudgetLamports: Int64
        /// Whether payees bear what their accounts cost.
        let chargesPayees: Bool
        /// What a unit of computing is worth, in millionths of a lamport.
        let computePriceMicroLamports: UInt64
        /// Durable nonces for payouts.
        let nonceCount: Int

        /// Whether any of its settings is there.
        var isBegun: Bool { !nodes.isEmpty || treasuryKeyPath != nil || !mints.isEmpty }

        /// Why the rail is off; `nil`: its settings are there.
        var offReason: String? {
            if nodes.isEmpty { return "MJN_SOLANA_RPC_URL is not set" }
            if treasuryKeyPath == nil { return "MJN_SOLANA_TREASURY_KEY is not set" }
            if mints.isEmpty { return "MJN_SOLANA_MINTS is not set" }
            return nil
        }

        /// What public nodes allow without a key.
        static let requestsPerSecondDefault = 10
        static let labelDefault = "MJN"
        static let labelCharactersMax = 64
        /// A payout of sixteen then costs some 1,800 lamports beside its signature.
        static let computePriceDefault = 10_000
        /// Some twelve accounts.
        static let accountBudgetDefault = 25_000_000
    }
}

extension NodeSettings {
    static let solanaDescriptions: [SettingDescription] = [
        SettingDescription(
            "MJN_SOLANA_RPC_URL", "JSON-RPC addresses of Solana nodes, comma-separated, the preferred one first",
            default: "Solana is off", isSecret: true),
        SettingDescription(
            "MJN_SOLANA_TREASURY_KEY", "the treasury's key file, JWK or as solana-keygen writes it",
            default: "Solana is off"),
        SettingDescription(
            "MJN_SOLANA_MINTS", "which token a currency is: MJN=mint,USDC=mint", default: "Solana is off"),
        SettingDescription(
            "MJN_SOLANA_OUTFLOW_MAX", "what may be paid out in 24 hours, minor units: MJN=5000000000",
            default: "all that there is"),
        SettingDescription(
            "MJN_SOLANA_ACCOUNT_BUDGET", "lamports a day for accounts that payees lack and lookup tables, 0 for none",
            default: "\(RailSettings.Solana.accountBudgetDefault)"),
        SettingDescription(
            "MJN_SOLANA_ACCOUNT_BEARER", "who bears what those accounts cost, from SOL in the book: node or payee",
            default: "node"),
        SettingDescription(
            "MJN_SOLANA_COMPUTE_PRICE",
            "what transactions offer for a unit of computing, in millionths of a lamport",
            default: "\(RailSettings.Solana.computePriceDefault)"),
        SettingDescription(
            "MJN_SOLANA_NONCES", "durable nonces, each for a transaction of payouts that never gets too old, 0-64",
            default: "0"),
        SettingDescription(
            "MJN_SOLANA_RPC_RATE", "requests a second to each of the nodes, 1-10000",
            default: "\(RailSettings.Solana.requestsPerSecondDefault)"),
        SettingDescription(
            "MJN_SOLANA_PAY_ORIGIN", "the origin at which wallets fetch what they sign",
            default: "the first of MJN_PUBLIC_ORIGINS"),
        SettingDescription(
            "MJN_SOLANA_LABEL", "who asks for money, in wallets", default: RailSettings.Solana.labelDefault),
        SettingDescription(
            "MJN_SOLANA_COMMITMENT", "how sure a payment must be: confirmed or finalized", default: "finalized"),
    ]
}

extension SettingReader {
    func solana() throws(CLIFailure) -> RailSettings.Solana {
        let label = environment["MJN_SOLANA_LABEL"] ?? ""
        guard label.count <= RailSettings.Solana.labelCharactersMax,
            label.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            throw CLIFailure(
                "MJN_SOLANA_LABEL is no name",
                fix: "set it to at most \(RailSettings.Solana.labelCharactersMax) characters",
                exitCode: ExitStatus.usage)
        }
        let mints = try mints("MJN_SOLANA_MINTS")
        return RailSettings.Solana(
            nodes: try solanaNodes("MJN_SOLANA_RPC_URL"),
            requestsPerSecond: try integer("MJN_SOLANA_RPC_RATE", 1...10_000)
                ?? RailSettings.Solana.requestsPerSecondDefault,
            treasuryKeyPath: environment["MJN_SOLANA_TREASURY_KEY"].flatMap { $0.isEmpty ? nil : $0 },
            mints: mints, payOrigin: try origins("MJN_SOLANA_PAY_ORIGIN").first,
            label: label.isEmpty ? RailSettings.Solana.labelDefault : label,
            detection: try choice("MJN_SOLANA_COMMITMENT", Commitment.self)?.level ?? .finalized,
            outflowMaxMinor: try outflow("MJN_SOLANA_OUTFLOW_MAX", of: mints),
            accountBudgetLamports: Int64(
                try integer("MJN_SOLANA_ACCOUNT_BUDGET", 0...1_000_000_000_000)
                    ?? RailSettings.Solana.accountBudgetDefault),
            chargesPayees: try choice("MJN_SOLANA_ACCOUNT_BEARER", AccountBearer.self) == .payee,
            computePriceMicroLamports: UInt64(
                try integer("MJN_SOLANA_COMPUTE_PRICE", 0...10_000_000)
                    ?? RailSettings.Solana.computePriceDefault),
            nonceCount: try integer("MJN_SOLANA_NONCES", 0...SolanaNonces.countMax) ?? 0)
    }

    /// Who bears what a payee's account of a token costs.
    private enum AccountBearer: String, CaseIterable {
        case node, payee
    }

    /// How sure is sure enough. What is only processed may be forked away.
    private enum Commitment: String, CaseIterable {
        case confirmed, finalized

        var level: SolanaCommitment { self == .confirmed ? .confirmed : .finalized }
    }

    /// `https`, or `http` on this machine, with any path and query: that is where providers put keys, so that no
    /// message repeats it.
    private func solanaNodes(_ name: String) throws(CLIFailure) -> [String] {
        let nodes = list(environment[name])
        for text in nodes {
            guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty, url.user == nil,
                url.fragment == nil, url.scheme == "https" || url.scheme == "http" && Self.isLoopback(host)
            else {
                throw CLIFailure(
                    "\(name) has an address that is none", fix: "set it to https://…, or to http://127.0.0.1:8899",
                    exitCode: ExitStatus.usage)
            }
        }
        return nodes
    }

    private func outflow(
        _ name: String, of mints: [String: SolanaAddress]
    ) throws(CLIFailure) -> [String: Int64] {
        var limits: [String: Int64] = [:]
        for text in list(environment[name]) {
            let sides = text.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let code = sides.first.map(String.init), mints[code] != nil,
                let most = Int64(sides[1]), (0...Money.amountMaxMinor).contains(most), limits[code] == nil
            else {
                throw CLIFailure(
                    "\(name) has \(text)",
                    fix: "set it to minor units by currencies of MJN_SOLANA_MINTS, such as MJN=5000000000",
                    exitCode: ExitStatus.usage)
            }
            limits[code] = most
        }
        return limits
    }

    private func mints(_ name: String) throws(CLIFailure) -> [String: SolanaAddress] {
        var mints: [String: SolanaAddress] = [:]
        for text in list(environment[name]) {
            let sides = text.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let currency = Currency.named(String(sides[0])),
                let mint = SolanaAddress(String(sides[1])), mints[currency.code] == nil
            else {
                throw CLIFailure(
                    "\(name) has \(text)", fix: "set it to currency codes and mints, such as MJN=<mint>,USDC=<mint>",
                    exitCode: ExitStatus.usage)
            }
            mints[currency.code] = mint
        }
        guard Set(mints.values).count == mints.count else {
            throw CLIFailure(
                "\(name) has one mint under two currencies", fix: "give each currency a mint of its own",
                exitCode: ExitStatus.usage)
        }
        return mints
    }
}
