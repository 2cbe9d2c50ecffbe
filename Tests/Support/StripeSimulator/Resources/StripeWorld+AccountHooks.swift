/// What happens to accounts outside the API.
extension StripeWorld {
    func require(_ kind: String, _ id: String) throws(StripeHookError) -> StripeRecord {
        guard let record = objects[id], record.kind == kind else {
            throw StripeHookError("there is no \(kind) \(id)")
        }
        return record
    }

    /// An account finishes onboarding: all that it asked for becomes active, it may receive transfers and pay out.
    public mutating func onboard(_ account: String, nowMs: Int64) throws(StripeHookError) {
        let nowMs = pass(toMs: nowMs)
        _ = try require("account", account)
        activate(account, nowMs: nowMs)
        emitAccountUpdated(account, nowMs: nowMs)
        for name in (objects[account]?.fields["capabilities"]?.fields ?? [:]).keys.sorted() {
            emitCapability(name, of: account, nowMs: nowMs)
        }
    }

    /// A capability changes: `active`, `inactive`, `pending`. Without `transfers` active, the account receives none.
    public mutating func setCapability(_ capability: String, to status: String, of account: String, nowMs: Int64)
        throws(StripeHookError)
    {
        let nowMs = pass(toMs: nowMs)
        var capabilities = try require("account", account).fields["capabilities"]?.fields ?? [:]
        capabilities[capability] = .string(status)
        change(account, ["capabilities": .object(capabilities)])
        emitAccountUpdated(account, nowMs: nowMs)
        emitCapability(capability, of: account, nowMs: nowMs)
    }

    /// Payouts of an account are switched on or off.
    public mutating func setPayouts(enabled: Bool, of account: String, nowMs: Int64) throws(StripeHookError) {
        let nowMs = pass(toMs: nowMs)
        _ = try require("account", account)
        change(account, ["payouts_enabled": .bool(enabled)])
        emitAccountUpdated(account, nowMs: nowMs)
    }

    /// The account's owner cuts it off: requests that act as it are answered 403, transfers to it are refused.
    public mutating func deauthorize(_ account: String, nowMs: Int64) throws(StripeHookError) {
        let nowMs = pass(toMs: nowMs)
        _ = try require("account", account)
        hide(account, ["deauthorized": true])
        emit(
            "account.application.deauthorized", ["id": "ca_simulator", "object": "application", "name": "simulator"],
            owner: account, nowMs: nowMs)
    }

    private mutating func emitCapability(_ name: String, of account: String, nowMs: Int64) {
        guard let record = objects[account] else { return }
        emit("capability.updated", Self.capability(name, of: record), owner: account, nowMs: nowMs)
    }
}

/// A hook was used on an object that is unknown or in another state: a mistake of the test.
public struct StripeHookError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    init(_ description: String) { self.description = description }
}
