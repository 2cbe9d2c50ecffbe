public import Cryptography
public import Kernel
import Settlement

/// Builders of what the rails do: what a test does not name has a plain default.
public enum RailCommands {
    /// The rail where none is named.
    public static let rail = RailName.stripe

    /// A payment `pay_` and the key that nobody has told the rail of.
    public static func payment(
        _ key: String, payer: DID, _ amountMinor: Int64, surchargeMinor: Int64 = 0,
        purpose: Payment.Purpose = .spend, creator: DID = People.shop, feeBearer: RailFeeBearer = .payees,
        isDirect: Bool = false, _ currency: String = Commands.usd
    ) -> Payment {
        Payment(
            id: "pay_\(key)", rail: rail, creator: creator.string, payer: payer.string, amountMinor: amountMinor,
            surchargeMinor: surchargeMinor, currency: currency, purpose: purpose, feeBearer: feeBearer,
            isDirect: isDirect, service: "shop", type: "order", metadataJSON: [],
            successURL: "https://shop.example/thanks", cancelURL: "https://shop.example/cart",
            expiresAtMs: People.noonMs + 3_600_000)
    }

    /// A payout `po_` and the key.
    public static func payout(
        _ key: String, to payee: DID, _ amountMinor: Int64, _ currency: String = Commands.usd,
        nowMs: Int64 = People.noonMs
    ) -> Payout {
        Payout(
            id: "po_\(key)", payee: payee.string, rail: rail, destination: "acct_\(key)", amountMinor: amountMinor,
            currency: currency, cause: .withdrawal, creator: payee.string, nowMs: nowMs)
    }

    /// An escrow `esc_` and the key.
    public static func escrow(
        _ key: String, from payer: DID, to payee: DID, arbiter: DID? = nil, _ amountMinor: Int64,
        releaseAfterMs: Int64? = nil, _ currency: String = Commands.usd
    ) -> Escrow {
        Escrow(
            id: "esc_\(key)", payer: payer.string, payee: payee.string, arbiter: arbiter?.string, creator: payer.string,
            amountMinor: amountMinor, creditMinor: 0, currency: currency, releaseAfterMs: releaseAfterMs,
            memo: "a table")
    }

    /// A command that makes a lifecycle.
    public static func open(
        _ step: LifecycleStep, _ id: String, of did: DID, related: [String] = [], _ currency: String = Commands.usd,
        key: String? = nil
    ) -> Command {
        let owners = ["", did.string].map { OwnerKey(owner: $0, currency: currency) }
        return LifecycleCommands.open(
            step, id: id, owners: owners, related: related, caller: did.string, key: key ?? id,
            requestHash: LifecycleCommands.hash(id, key ?? id))
    }

    /// What a rail says.
    public static func facts(
        _ standing: RailStanding, _ reference: String, _ amountMinor: Int64, feeMinor: Int64? = nil
    ) -> RailFacts {
        RailFacts(standing: standing, reference: reference, amountMinor: amountMinor, feeMinor: feeMinor)
    }

    /// Why a rail says no.
    public static let declined = RailRefusal(code: "rail_declined", reason: "the account is closed")
}
