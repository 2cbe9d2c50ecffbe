import Cryptography
import Foundation
import Kernel
import Outbound
import Registry
import Settlement

/// One setting of the environment, for `mjn doctor --config`.
struct SettingDescription: Sendable {
    let name: String
    let meaning: String
    /// What holds when it is not set.
    let fallback: String
    /// Whether its value must not be shown.
    let isSecret: Bool

    init(_ name: String, _ meaning: String, default fallback: String, isSecret: Bool = false) {
        self.name = name
        self.meaning = meaning
        self.fallback = fallback
        self.isSecret = isSecret
    }
}

/// The node's settings, read once from the environment.
struct NodeSettings: Sendable {
    let databaseURL: String?
    let host: String
    let origins: [String]
    let fees: Fees
    let gasBasesMinor: [Int64]
    let platforms: [DID]
    let batchMax: Int
    let leaseMs: Int64
    let poolSize: Int
    let threads: Int
    let relayURL: RelayAddress
    let identityMaxAgeSeconds: Int
    let relay: RelaySettings
    let rails: RailSettings
    /// The relay's key file, where it is not in the data directory.
    let relayKeyPath: String?
    /// Where webhooks may go besides the public internet.
    let webhookAllowances: WebhookAllowances

    /// Rates in basis points, and who receives the protocol's.
    struct Fees: Sendable {
        let nodeBps: Int
        let protocolBps: Int
        let buyerCreditBps: Int
        let protocolDID: DID?
    }

    /// Seconds; a rotation counts within a minute unless the operator says otherwise.
    static let identityMaxAgeDefault = 60

    static let all: [SettingDescription] =
        [
            SettingDescription(
                "DATABASE_URL", "Postgres to use", default: "a private one in the data directory", isSecret: true),
            SettingDescription("MJN_DATA_DIR", "keys and the private Postgres", default: ".mjn"),
            SettingDescription("MJN_NODE_KEY", "the node's key, a JWK file", default: "DATA_DIR/keys/node.jwk"),
            SettingDescription("MJN_HOST", "address that the services listen on", default: "127.0.0.1"),
            SettingDescription(
                "MJN_PUBLIC_ORIGINS", "origins that signed requests may name, comma-separated",
                default: "loopback, in development only"),
            SettingDescription("MJN_NODE_FEE_BPS", "the node's fee, 0 or 25-200", default: "0"),
            SettingDescription("MJN_PROTOCOL_FEE_BPS", "the protocol's fee, 0 or 25-200", default: "0"),
            SettingDescription("MJN_BUYER_CREDIT_BPS", "credit for the buyer, 0 or 25-200", default: "0"),
            SettingDescription("MJN_PROTOCOL_DID", "named in the protocol's fee lines", default: "the node's DID"),
            SettingDescription(
                "MJN_GAS_BASES", "base price of tiers 1,2,3 in minor MJN", default: "0,100000,1000000"),
            SettingDescription(
                "MJN_PLATFORM_DIDS", "platforms, one of which must have signed each manifest", default: "none needed"),
            SettingDescription(
                "MJN_RELAY_URL", "the relay whose log of identities pay follows, or off",
                default: "this node's own registry, where it runs"),
            SettingDescription(
                "MJN_IDENTITY_MAX_AGE", "seconds after which a rotated key is refused at the latest, 1-3600",
                default: "\(identityMaxAgeDefault)"),
            SettingDescription(
                "MJN_WEBHOOK_ALLOW_NETWORKS",
                "networks and hosts that webhooks may go to: loopback, private, carrier, blocks, HOST:PORT",
                default: "the public internet alone"),
            SettingDescription("MJN_POSTER_BATCH_MAX", "commands per ledger transaction, 1-4096", default: "1024"),
            SettingDescription("MJN_LEASE_MS", "how long a silent writer keeps the book, 500-60000", default: "5000"),
            SettingDescription("MJN_POOL_SIZE", "database connections for reads, 1-64", default: "4"),
            SettingDescription("MJN_THREADS", "threads that serve connections, 1-64", default: "one per core"),
            SettingDescription("MJN_LOG_LEVEL", "trace, debug, info, notice, warning, error", default: "info"),
            SettingDescription("MJN_LOG_FORMAT", "json, text", default: "text on a terminal, else json"),
        ] + railDescriptions + solanaDescriptions + relayDescriptions

    /// Reads the environment.
    /// - Throws: exit code 64 with the name of the setting that makes no sense.
    init(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws(CLIFailure) {
        let reader = SettingReader(environment: environment)
        databaseURL = environment["DATABASE_URL"].flatMap { $0.isEmpty ? nil : $0 }
        host = environment["MJN_HOST"] ?? "127.0.0.1"
        origins = (environment["MJN_PUBLIC_ORIGINS"] ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        fees = Fees(
            nodeBps: try reader.bps("MJN_NODE_FEE_BPS"), protocolBps: try reader.bps("MJN_PROTOCOL_FEE_BPS"),
            buyerCreditBps: try reader.bps("MJN_BUYER_CREDIT_BPS"), protocolDID: try reader.did("MJN_PROTOCOL_DID"))
        gasBasesMinor = try reader.gasBases("MJN_GAS_BASES")
        platforms = try reader.dids("MJN_PLATFORM_DIDS")
        batchMax = try reader.integer("MJN_POSTER_BATCH_MAX", 1...4096) ?? Poster.Limits().commandsMax
        leaseMs = Int64(try reader.integer("MJN_LEASE_MS", 500...60_000) ?? 5000)
        poolSize = try reader.integer("MJN_POOL_SIZE", 1...64) ?? 4
        relayURL = try reader.relayAddress("MJN_RELAY_URL")
        identityMaxAgeSeconds = try reader.integer("MJN_IDENTITY_MAX_AGE", 1...3600) ?? Self.identityMaxAgeDefault
        threads = try reader.integer("MJN_THREADS", 1...64) ?? ProcessInfo.processInfo.activeProcessorCount
        relay = try reader.relay()
        rails = try reader.rails()
        relayKeyPath = environment["MJN_RELAY_KEY"].flatMap { $0.isEmpty ? nil : $0 }
        webhookAllowances = try reader.webhookAllowances("MJN_WEBHOOK_ALLOW_NETWORKS")
    }

    /// The fee schedule of a node.
    func feeSchedule(node: DID) throws(CLIFailure) -> FeeSchedule {
        do {
            return try FeeSchedule(
                protocolBps: fees.protocolBps, protocolDID: fees.protocolDID ?? node, nodeBps: fees.nodeBps,
                nodeDID: node, buyerCreditBps: fees.buyerCreditBps)
        } catch {
            throw CLIFailure("the fees make no sense: \(error)", exitCode: ExitStatus.usage)
        }
    }
}
