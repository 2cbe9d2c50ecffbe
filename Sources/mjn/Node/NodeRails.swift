import HTTPClient
import Kernel
import Settlement

/// The rails of this node: those that are on, and why the others are not.
struct NodeRails: Sendable {
    /// The adapters.
    var on: [any Rail] = []
    /// What is missing, by rail; for people.
    var off: [RailName: String] = [:]
    /// Stripe with its client, where it is on.
    var stripe: NodeRuntime.StripeParts?
    /// Closes what the adapters opened.
    var close: @Sendable () async -> Void = {}

    /// The one place where adapters are made from settings.
    /// - Throws: exit code 64 for settings that an adapter cannot use.
    static func open(_ settings: RailSettings) throws(CLIFailure) -> NodeRails {
        var rails = NodeRails()
        for name in [RailName.stripe, .emt, .solana] { rails.off[name] = "this version has no adapter for it" }
        if let reason = settings.stripe.offReason {
            rails.off[.stripe] = reason
        } else if let stripe = try NodeRuntime.openStripe(settings.stripe) {
            rails.off[.stripe] = nil
            rails.on.append(stripe.rail)
            rails.close = { await stripe.http.shutdown() }
            rails.stripe = stripe
        }
        return rails
    }

    /// What readiness says: a rail that is off keeps nothing else from working.
    var notes: [(name: String, reason: String)] {
        off.sorted { $0.key.rawValue < $1.key.rawValue }.map { ("rail \($0.key)", $0.value) }
    }
}
