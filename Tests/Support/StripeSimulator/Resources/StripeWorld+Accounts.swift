/// `/v1/accounts`, their capabilities, account links and login links.
extension StripeWorld {
    /// An account link is good for so long.
    private static let linkKeptSeconds: Int64 = 300

    mutating func accounts(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        switch call.operation {
        case "POST /v1/accounts": return try createAccount(call)
        case "GET /v1/accounts":
            return try list("account", call) { !$0.bool("deleted") }
        case "GET /v1/account":
            if call.owner != configuration.platform { return show(call.owner) }
            return [
                "id": .string(configuration.platform), "object": "account", "charges_enabled": true,
                "payouts_enabled": true, "details_submitted": true, "metadata": [:],
                "default_currency": .string(configuration.defaultCurrency),
            ]
        case "GET /v1/accounts/{account}": return .object(try account(call.id).fields)
        case "POST /v1/accounts/{account}": return try updateAccount(call)
        case "DELETE /v1/accounts/{account}": return try deleteAccount(call)
        case "GET /v1/accounts/{account}/capabilities":
            let account = try account(call.id)
            let names = (account.fields["capabilities"]?.fields ?? [:]).keys.sorted()
            return [
                "object": "list", "has_more": false, "url": .string(call.path),
                "data": .array(names.map { Self.capability($0, of: account) }),
            ]
        case "GET /v1/accounts/{account}/capabilities/{capability}":
            let account = try account(call.id)
            let name = call.ids.last ?? ""
            guard account.fields["capabilities"]?[name] != nil else { throw .missing("capability", name) }
            return Self.capability(name, of: account)
        case "POST /v1/accounts/{account}/login_links":
            let account = try account(call.id)
            guard account.fields["controller"]?["stripe_dashboard"]?["type"] == "express",
                account.bool("details_submitted")
            else { throw .refused("The account has no Express dashboard, or is not onboarded") }
            return [
                "object": "login_link", "created": .int(call.nowMs / 1000),
                "url": .string("https://connect.stripe.com/express/" + random.letters(16)),
            ]
        default: return nil
        }
    }

    /// A connected account that is not deleted. `param` as in ``find(_:_:owner:param:)``.
    func account(_ id: String, param: String? = nil) throws(StripeFailure) -> StripeRecord {
        let record = try find("account", id, owner: configuration.platform, param: param)
        guard !record.bool("deleted") else { throw .missing("account", id, param: param) }
        return record
    }

    private mutating func createAccount(_ call: StripeCall) throws(StripeFailure) -> StripeValue {
        guard call.parameters["type"] == nil || call.parameters["controller"] == nil else {
            throw .refused("Only one of type and controller may be given", param: "controller")
        }
        let asked = call.fields("controller") ?? [:]
        let type = call.string("type")
        let legacy = ["express": "express", "custom": "none"][type ?? ""] ?? "full"
        let dashboard = asked["stripe_dashboard"]?["type"]?.string ?? legacy
        let country = call.string("country") ?? "CA"
        let capabilities = (call.fields("capabilities") ?? [:]).compactMapValues { capability in
            capability["requested"] == true ? StripeValue.string("inactive") : nil
        }
        let due: StripeValue = ["external_account", "tos_acceptance.date", "tos_acceptance.ip"]
        let id = create(
            "account", id: "acct_1" + random.letters(15), owner: configuration.platform, nowMs: call.nowMs,
            [
                "country": .string(country), "email": .optional(call.string("email")),
                "default_currency": .string(call.string("default_currency") ?? Self.currency(of: country)),
                "business_type": .optional(call.string("business_type")),
                "business_profile": .object(call.fields("business_profile") ?? [:]),
                "settings": .object(call.fields("settings") ?? [:]),
                "metadata": try Self.metadata(call.parameters["metadata"]),
                "type": type.map { .string($0) } ?? (dashboard == "full" ? "standard" : .string(dashboard)),
                "capabilities": .object(capabilities), "charges_enabled": false, "payouts_enabled": false,
                "details_submitted": false,
                "controller": [
                    "type": "application", "is_controller": true,
                    "fees": ["payer": asked["fees"]?["payer"] ?? "account"],
                    "losses": ["payments": asked["losses"]?["payments"] ?? "stripe"],
                    "requirement_collection": asked["requirement_collection"] ?? "stripe",
                    "stripe_dashboard": ["type": .string(dashboard)],
                ],
                "requirements": [
                    "alternatives": [], "current_deadline": nil, "currently_due": due, "errors": [],
                    "disabled_reason": "requirements.past_due", "eventually_due": due, "past_due": due,
                    "pending_verification": [],
                ],
                "external_accounts": [
                    "object": "list", "has_more": false, "data": [], "url": "/v1/accounts/external_accounts",
                ],
            ])
        // Unset, not null: the library takes any value for a deletion.
        objects[id]?.fields["deleted"] = nil
        if configuration.accountsStartActive { activate(id, nowMs: call.nowMs) }
        return show(id)
    }

    private static func currency(of country: String) -> String {
        ["US": "usd", "GB": "gbp", "JP": "jpy", "AU": "aud", "CA": "cad"][country] ?? "eur"
    }

    private mutating func updateAccount(_ call: StripeCall) throws(StripeFailure) -> StripeValue {
        let account = try account(call.id)
        try mergeMetadata(of: call.id, call)
        var changed: StripeFields = [:]
        for name in ["email", "business_type", "business_profile", "settings"] {
            if let value = call.parameters[name] { changed[name] = value }
        }
        if let asked = call.fields("capabilities") {
            var capabilities = account.fields["capabilities"]?.fields ?? [:]
            for (name, value) in asked where capabilities[name] == nil && value["requested"] == true {
                capabilities[name] = account.bool("details_submitted") ? "active" : "inactive"
            }
            changed["capabilities"] = .object(capabilities)
        }
        change(call.id, changed)
        emitAccountUpdated(call.id, nowMs: call.nowMs)
        return show(call.id)
    }

    private mutating func deleteAccount(_ call: StripeCall) throws(StripeFailure) -> StripeValue {
        _ = try account(call.id)
        for currency in ledger.currencies(of: call.id) {
            let held = ledger.balance(of: call.id, currency)
            guard held.availableMinor == 0, held.pendingMinor == 0 else {
                throw .refused("The account's balance is not zero")
            }
        }
        change(call.id, ["deleted": true])
        return ["id": .string(call.id), "object": "account", "deleted": true]
    }

    mutating func createAccountLink(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        _ = try account(call.string("account") ?? "", param: "account")
        for name in ["refresh_url", "return_url"] where call.string(name) == nil {
            throw .refused("The link needs a \(name)", code: "parameter_missing", param: name)
        }
        let seconds = call.nowMs / 1000
        return [
            "object": "account_link", "created": .int(seconds), "expires_at": .int(seconds + Self.linkKeptSeconds),
            "url": .string("https://connect.stripe.com/setup/e/" + random.letters(16)),
        ]
    }

    static func capability(_ name: String, of account: StripeRecord) -> StripeValue {
        let status = account.fields["capabilities"]?[name] ?? "unrequested"
        return [
            "object": "capability", "id": .string(name), "account": .string(account.id), "requested": true,
            "requested_at": .int(account.createdMs / 1000), "status": status,
        ]
    }

    /// `account.updated` goes to the Connect endpoints, with the account's id on it.
    mutating func emitAccountUpdated(_ id: String, nowMs: Int64) {
        emit("account.updated", show(id), owner: id, nowMs: nowMs)
    }

    mutating func activate(_ id: String, nowMs: Int64) {
        guard let account = objects[id] else { return }
        let capabilities = (account.fields["capabilities"]?.fields ?? [:]).mapValues { _ in StripeValue.string("active")
        }
        var requirements = account.fields["requirements"]?.fields ?? [:]
        for name in ["currently_due", "eventually_due", "past_due"] { requirements[name] = [] }
        requirements["disabled_reason"] = .null
        change(
            id,
            [
                "capabilities": .object(capabilities), "details_submitted": true, "payouts_enabled": true,
                "charges_enabled": .bool(capabilities["card_payments"] != nil),
                "requirements": .object(requirements),
            ])
    }
}
