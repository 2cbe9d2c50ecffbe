/// One object of the world.
struct StripeRecord: Sendable {
    let kind: String
    /// The account that sees it.
    let owner: String
    let createdMs: Int64
    /// The object as the API shows it.
    var fields: StripeFields
    /// What Stripe keeps and does not show.
    var hidden: StripeFields = [:]

    /// A string member; nil where it is null or missing.
    func string(_ name: String) -> String? { fields[name]?.string }
    /// An integer member; 0 where it is null or missing.
    func int(_ name: String) -> Int64 { fields[name]?.int ?? 0 }
    /// A truth value; false where it is null or missing.
    func bool(_ name: String) -> Bool { fields[name]?.bool ?? false }

    var id: String { string("id") ?? "" }
    var amount: Int64 { int("amount") }
    var currency: String { string("currency") ?? "" }
    var status: String { string("status") ?? "" }
}

/// One admitted request, its parameters checked.
struct StripeCall: Sendable {
    /// `POST /v1/transfers/{id}/reversals`
    let operation: String
    /// What stands at the path's parameters.
    let ids: [String]
    /// The account that the request acts as.
    let owner: String
    let path: String
    let nowMs: Int64
    var parameters: StripeFields

    /// The first id in the path.
    var id: String { ids.first ?? "" }

    func string(_ name: String) -> String? { parameters[name]?.string }
    func int(_ name: String) -> Int64? { parameters[name]?.int }
    func bool(_ name: String) -> Bool { parameters[name]?.bool ?? false }
    func fields(_ name: String) -> StripeFields? { parameters[name]?.fields }

    /// Refuses parameters that the API has and the simulator gives no meaning.
    func refuse(_ names: String...) throws(StripeFailure) {
        for name in names where parameters[name] != nil { throw .notSimulated(name) }
    }
}
