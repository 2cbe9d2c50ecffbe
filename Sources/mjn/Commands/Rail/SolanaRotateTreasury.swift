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
            one is the node's own money and no payment; what payers still send to the former one is read and booked \
            as before. The node can then no longer pay out from there, nor close what it made there: the command exits \
            1 while payments are open, payouts under way, or lookup tables not closed yet.

            Example: mjn rail solana rotate-treasury
            """)

    @OptionGroup var node: NodeOptions

    @Flag(name: .customLong("abandon-open"), help: "Do it although payments are open or payouts under way.")
    var abandonsOpen = false

    @Option(
        help: ArgumentHelp(
            "What the treasury was before the book remembered it, to be read on; may be given several times.",
            valueName: "address"), transform: SolanaRotateTreasury.address)
    var former: [SolanaAddress] = []

    private static func address(_ text: String) throws -> SolanaAddress {
        guard let address = SolanaAddress(text) else { throw ValidationError("\(text) is no address") }
        return address
    }

    func run() async throws {
        let settings = try NodeSettings()
        guard let path = settings.rails.solana.treasuryKeyPath else {
            throw CLIFailure(
                "MJN_SOLANA_TREASURY_KEY is not set", fix: "set it to the new key's file",
                exitCode: ExitStatus.unavailable)
        }
        let address = SolanaAddress(try KeyFile.readTreasury(path).publicKey).description
        let before = try await withLedger(node) { session in
            try await Self.lead(session)
            let treasuries = try await session.store.treasuries(of: .solana)
            let isNew = former.contains { !treasuries.former.contains($0.description) && $0.description != address }
            guard treasuries.current != address || isNew else { return treasuries.current }
            let open = try await Self.open(session)
            guard open.isEmpty || abandonsOpen else {
                throw CLIFailure(
                    "\(open.count) things are under way with the former treasury, such as \(open[0])",
                    fix: "wait until they are over, or give them up: --abandon-open")
            }
            try await session.store.rotate(
                treasury: address, of: .solana, former: former.map(\.description).filter { $0 != address },
                nowMs: session.clock())
            return treasuries.current
        }
        if before == address {
            try StandardOutput.line("\(address) is the treasury already")
        } else {
            try StandardOutput.line("the treasury is \(address) now\(before.map { ", it was \($0)" } ?? "")")
        }
    }

    /// Tenths of a second: a lease that nobody renews is over by then.
    private static let leadTries = 120

    /// Waits until this process writes the book: a node that runs would go on with the former key.
    private static func lead(_ session: LedgerSession) async throws {
        for _ in 0..<Self.leadTries {
            if session.store.isLeading { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw CLIFailure(
            "a node is running, and goes on with the former treasury", fix: "stop it first",
            exitCode: ExitStatus.busy)
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
        let unfinished = try await session.store.unfinishedOpenings(at: .solana, after: "", limit: 1_000)
        return ids + unfinished.map(\.reference)
    }
}
