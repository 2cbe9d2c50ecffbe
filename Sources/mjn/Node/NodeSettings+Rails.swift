import Foundation
import Inbound
import Kernel

/// The settings of the rails.
struct RailSettings: Sendable {
    let stripe: Stripe
    let solana: Solana
    let feeBearer: RailFeeBearer
    /// What a payer pays on top where the payer bears a rail's fee, by currency.
    let surcharges: [String: Surcharge]
    /// Origins that payers may be sent back to.
    let returnOrigins: [String]
    /// After how long a changed payout policy is in force.
    let payeeChangeHours: Int
    /// How long handled events of rails are kept.
    let inboxKeepDays: Int

    /// Basis points of the amount and a fixed part, minor units.
    struct Surcharge: Hashable, Sendable {
        let bps: Int
        let fixedMinor: Int64
    }

    /// Stripe's keys, and where its API is.
    struct Stripe: Sendable {
        let secretKey: String?
        let webhookSecrets: [String]
        let connectWebhookSecrets: [String]
        let apiBase: String

        /// Whether any of its settings is there.
        var isBegun: Bool { secretKey != nil || !webhookSecrets.isEmpty }

        /// Why the rail is off; `nil`: its settings are there.
        var offReason: String? {
            if secretKey == nil { return "MJN_STRIPE_SECRET_KEY is not set" }
            if webhookSecrets.isEmpty { return "MJN_STRIPE_WEBHOOK_SECRET is not set" }
            return nil
        }
    }

    /// Stripe's own API.
    static let stripeBase = "https://api.stripe.com"
    /// A day, so that an owner can object to a change by a thief.
    static let payeeChangeHoursDefault = 24
    /// A quarter.
    static let inboxKeepDaysDefault = 90
    static let inboxKeepDays = InboxKeeper.keepDaysMin...3650
}

extension NodeSettings {
    static let railDescriptions: [SettingDescription] = [
        SettingDescription(
            "MJN_STRIPE_SECRET_KEY", "Stripe's secret or restricted key", default: "Stripe is off", isSecret: true),
        SettingDescription("MJN_STRIPE_SECRET_KEY_FILE", "a file with it instead", default: "none"),
        SettingDescription(
            "MJN_STRIPE_WEBHOOK_SECRET", "secrets of Stripe's webhooks, comma-separated, all accepted",
            default: "Stripe is off", isSecret: true),
        SettingDescription("MJN_STRIPE_WEBHOOK_SECRET_FILE", "a file with them instead", default: "none"),
        SettingDescription(
            "MJN_STRIPE_CONNECT_WEBHOOK_SECRET", "secrets of the webhooks of connected accounts, comma-separated",
            default: "those are refused", isSecret: true),
        SettingDescription("MJN_STRIPE_CONNECT_WEBHOOK_SECRET_FILE", "a file with them instead", default: "none"),
        SettingDescription("MJN_STRIPE_API_BASE", "where Stripe's API is", default: RailSettings.stripeBase),
        SettingDescription(
            "MJN_RAIL_FEE_BEARER", "who bears what a rail takes of a payment: payees, payer or node",
            default: "payees"),
        SettingDescription(
            "MJN_PAYER_SURCHARGE", "what payers pay on top, basis points and minor units: USD=290+30,CAD=290+30",
            default: "nothing"),
        SettingDescription(
            "MJN_RETURN_ORIGINS", "origins that rails may send people back to, comma-separated",
            default: "loopback, in development only"),
        SettingDescription(
            "MJN_PAYEE_CHANGE_HOURS", "hours until a changed payout policy is in force, 0-720",
            default: "\(RailSettings.payeeChangeHoursDefault)"),
        SettingDescription(
            "MJN_INBOX_KEEP_DAYS",
            "days that handled webhooks of rails are kept, \(RailSettings.inboxKeepDays.lowerBound)-"
                + "\(RailSettings.inboxKeepDays.upperBound)",
            default: "\(RailSettings.inboxKeepDaysDefault)"),
    ]
}

extension SettingReader {
    func rails() throws(CLIFailure) -> RailSettings {
        let bearer = try choice("MJN_RAIL_FEE_BEARER", RailFeeBearer.self) ?? .payees
        let surcharges = try surcharges("MJN_PAYER_SURCHARGE")
        guard surcharges.isEmpty || bearer == .payer else {
            throw CLIFailure(
                "MJN_PAYER_SURCHARGE is set, and payers bear no fee", fix: "set MJN_RAIL_FEE_BEARER=payer, or unset it",
                exitCode: ExitStatus.usage)
        }
        let key = try secret("MJN_STRIPE_SECRET_KEY")
        guard key?.hasPrefix("pk_") != true else {
            throw CLIFailure(
                "MJN_STRIPE_SECRET_KEY is a publishable key", fix: "set it to a secret (sk_…) or restricted (rk_…) one",
                exitCode: ExitStatus.usage)
        }
        return RailSettings(
            stripe: RailSettings.Stripe(
                secretKey: key, webhookSecrets: try secrets("MJN_STRIPE_WEBHOOK_SECRET"),
                connectWebhookSecrets: try secrets("MJN_STRIPE_CONNECT_WEBHOOK_SECRET"),
                apiBase: try origins("MJN_STRIPE_API_BASE").first ?? RailSettings.stripeBase),
            solana: try solana(), feeBearer: bearer, surcharges: surcharges,
            returnOrigins: try origins("MJN_RETURN_ORIGINS"),
            payeeChangeHours: try integer("MJN_PAYEE_CHANGE_HOURS", 0...720) ?? RailSettings.payeeChangeHoursDefault,
            inboxKeepDays: try integer("MJN_INBOX_KEEP_DAYS", RailSettings.inboxKeepDays)
                ?? RailSettings.inboxKeepDaysDefault)
    }

    func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, _: Value.Type
    ) throws(CLIFailure) -> Value? where Value.RawValue == String {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let value = Value(rawValue: text) else {
            let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw CLIFailure("\(name) is \(text)", fix: "set it to one of: \(words)", exitCode: ExitStatus.usage)
        }
        return value
    }

    /// A secret of the environment, or of the file that `NAME_FILE` names. Its value is in no message.
    private func secret(_ name: String) throws(CLIFailure) -> String? {
        let text = environment[name].flatMap { $0.isEmpty ? nil : $0 }
        guard let path = environment[name + "_FILE"], !path.isEmpty else {
            return try text.map { value throws(CLIFailure) in try checked(value, name) }
        }
        guard text == nil else {
            throw CLIFailure("\(name) and \(name)_FILE are both set", fix: "unset one", exitCode: ExitStatus.usage)
        }
        guard let data = FileManager.default.contents(atPath: path), data.count <= Self.secretBytesMax,
            let read = String(data: data, encoding: .utf8)
        else {
            throw CLIFailure(
                "\(name)_FILE names \(path), which cannot be read", fix: "check the file and its permissions",
                exitCode: ExitStatus.usage)
        }
        return try checked(read.trimmingCharacters(in: .whitespacesAndNewlines), name + "_FILE")
    }

    /// Bytes of a file with secrets: some hundred of them.
    private static let secretBytesMax = 65_536

    private func checked(_ value: String, _ name: String) throws(CLIFailure) -> String {
        guard !value.isEmpty, value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw CLIFailure(
                "\(name) is no secret: it is empty, or has characters that none has", fix: "copy it once more",
                exitCode: ExitStatus.usage)
        }
        return value
    }

    private func secrets(_ name: String) throws(CLIFailure) -> [String] {
        let secrets = list(try secret(name))
        guard secrets.allSatisfy({ !$0.contains(" ") }) else {
            throw CLIFailure("\(name) has a blank in a secret", fix: "separate by commas", exitCode: ExitStatus.usage)
        }
        return secrets
    }

    /// Origins: `https`, or `http` on this machine, without a path.
    func origins(_ name: String) throws(CLIFailure) -> [String] {
        var origins: [String] = []
        for text in list(environment[name]) {
            guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty, url.user == nil,
                url.path.isEmpty || url.path == "/", url.query == nil, url.fragment == nil,
                url.scheme == "https" || url.scheme == "http" && Self.isLoopback(host)
            else {
                throw CLIFailure(
                    "\(name) has \(text)", fix: "set it to origins such as https://shop.example",
                    exitCode: ExitStatus.usage)
            }
            origins.append(text.hasSuffix("/") ? String(text.dropLast()) : text)
        }
        return origins
    }

    /// Whether a host of an address is this machine.
    static func isLoopback(_ host: String) -> Bool { ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host) }

    private func surcharges(_ name: String) throws(CLIFailure) -> [String: RailSettings.Surcharge] {
        var surcharges: [String: RailSettings.Surcharge] = [:]
        for text in list(environment[name]) {
            let sides = text.split(separator: "=", omittingEmptySubsequences: false)
            let parts = sides.last?.split(separator: "+", omittingEmptySubsequences: false) ?? []
            guard sides.count == 2, parts.count == 2, let currency = Currency.named(String(sides[0])),
                let bps = Int(parts[0]), (0...5000).contains(bps), let fixed = Int64(parts[1]),
                (0...Money.amountMaxMinor).contains(fixed), surcharges[currency.code] == nil
            else {
                throw CLIFailure(
                    "\(name) has \(text)",
                    fix: "set it to basis points (0-5000) and minor units by currency, such as USD=290+30",
                    exitCode: ExitStatus.usage)
            }
            surcharges[currency.code] = RailSettings.Surcharge(bps: bps, fixedMinor: fixed)
        }
        return surcharges
    }
}
