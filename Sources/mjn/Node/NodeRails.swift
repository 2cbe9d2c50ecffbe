import HTTPClient
import Kernel
import LedgerStore
import Service
import Settlement

/// The rails of this node: those that are on, and why the others are not.
struct NodeRails: Sendable {
    /// The adapters.
    var on: [any Rail] = []
    /// What is missing, by rail; for people.
    var off: [RailName: String] = [:]
    /// Stripe with its client, where it is on.
    var stripe: NodeRuntime.StripeParts?
    /// Solana with its client, where it is on.
    var solana: NodeRuntime.SolanaParts?

    /// The one place where adapters are made from settings.
    /// - Parameters:
    ///   - store: knows which tokens the node deals in; `nil`: nothing was said so far.
    ///   - payOrigin: where wallets reach pay, unless a setting says otherwise; `nil`: nowhere.
    /// - Throws: exit code 64 for settings that an adapter cannot use, 65 and 77 for key files.
    static func open(
        _ settings: RailSettings, store: PostgresLedgerStore?, payOrigin: String? = nil
    ) async throws -> NodeRails {
        var rails = NodeRails()
        rails.off[.emt] = "this version has no adapter for it"
        do {
            if let reason = settings.stripe.offReason {
                rails.off[.stripe] = reason
            } else if let stripe = try NodeRuntime.openStripe(settings.stripe) {
                rails.on.append(stripe.rail)
                rails.stripe = stripe
            }
            switch try await NodeRuntime.openSolana(settings.solana, store, payOrigin: payOrigin) {
            case .off(let reason): rails.off[.solana] = reason
            case .on(let solana):
                rails.on.append(solana.rail)
                rails.solana = solana
            }
        } catch {
            await rails.close()
            throw error
        }
        return rails
    }

    /// Closes what the adapters opened.
    func close() async {
        await stripe?.http.shutdown()
        await solana?.http.shutdown()
    }

    /// A rail that is off keeps nothing else from working, and is said.
    var notes: [(name: String, reason: String)] {
        off.sorted { $0.key.rawValue < $1.key.rawValue }.map { ("rail \($0.key)", $0.value) }
    }

    /// What readiness says of rails, on and off.
    func readiness(solana: SolanaWatch?) -> [ReadinessCheck] {
        let off = notes.map { note in
            ReadinessCheck(note.name, isEssential: false) { throw Problem(.notReady, "off: \(note.reason)") }
        }
        return off + (solana.map { [$0.readiness] } ?? [])
    }
}
