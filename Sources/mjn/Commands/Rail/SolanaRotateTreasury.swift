import ArgumentParser
import Cryptography
import Kernel
import LedgerStore
import Pay
import Settlement
import Solana

/// `mjn rail solana rotate-treasury`.
struct SolanaRotateTreasury: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-treasury",
        abstract: "Takes the key in MJN_SOLANA_TREASURY_KEY as the treasury's from now on.",
        discussion: """
            Stop the node before it, and start it with the new key after it. What the former treasury sends to the new \
            one is the node's own money and no payment. Payments that are open were told the former address: what is \
            paid there by them is found no more, so the command exits 1 while there are any, or payouts under way.

            Example: mjn rail solana rotate-treasury
            """)

    @OptionGroup var node: NodeOptions

    @Flag(name: .customLong("abandon-open"), help: "Do it although payments are open or payouts under way.")
    var abandonsOpen = false

    func run() async throws {
        let settings = try NodeSettings()
        guard let path = settings.rails.solana.treasuryKeyPath else {
            throw CLIFailure(
                "MJN_SOLANA_TREASURY_KEY is not set", fix: "set it to the new key's file",
                exitCode: ExitStatus.unavailable)
        }
        let address = SolanaAddress(try KeyFile.readTreasury(path).publicKey).description
        let former = try await withLedger(node) { session in
            let treasuries = try await session.store.treasuries(of: .solana)
            guard treasuries.current != address else { return treasuries.current }
            let open = try await Self.open(session)
            guard open.isEmpty || abandonsOpen else {
                throw CLIFailure(
                    "\(open.count) payments and payouts are under way with the former treasury, such as \(open[0])",
                    fix: "wait until they are over, or give them up: --abandon-open")
            }
            try await session.store.rotate(treasury: address, of: .solana, nowMs: session.clock())
            return treasuries.current
        }
        if former == address {
            try StandardOutput.line("\(address) is the treasury already")
        } else {
            try StandardOutput.line("the treasury is \(address) now\(former.map { ", it was \($0)" } ?? "")")
        }
    }

    /// What still depends on the former treasury.
    private static func open(_ session: LedgerSession) async throws -> [String] {
        var ids: [String] = []
        for (kind, statuses) in [
            (Lifecycle.Kind.payment, ["opening", "pending"]), (Lifecycle.Kind.payout, ["sending", "sent"]),
        ] {
            var filter = LifecycleFilter(kind: kind, limit: 1)
            filter.rail = .solana
            filter.statuses = statuses
            try await Lifecycles.forEach(filter, limit: .max, session) { row in
                ids.append(row.id)
                return true
            }
        }
        return ids
    }
}
