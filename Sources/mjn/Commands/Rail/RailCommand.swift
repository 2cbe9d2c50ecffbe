import ArgumentParser
import Kernel
import LedgerStore
import Settlement

/// The rails.
struct RailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rail",
        abstract: "The ways for money to come in and go out.",
        discussion: "Example: mjn rail status",
        subcommands: [RailStatus.self, SolanaCommand.self])
}

/// `mjn rail status`.
struct RailStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Each rail: on or off, its balance beside the ledger's, and what is under way.",
        discussion: """
            `at_rail` is all that the rail says it holds for the node, `ledger` what the book says; they differ while \
            something is under way that only one of them knows. `in_flight` are payouts and refunds that are held or \
            sent. Exits 69 when a rail that is on does not answer.

            Example: mjn rail status --format json
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let page = try await withRails(node, isReadOnly: true) { try await RailReportPage.read($0, $1) }
        try page.write(output.chosen)
        let silent = page.rails.filter { $0.silence != nil }
        guard silent.isEmpty else {
            let names = silent.map { "\($0.name): \($0.silence ?? "")" }.joined(separator: "; ")
            throw CLIFailure(
                "a rail does not answer (\(names))", fix: "try again; see the rail's own status page",
                exitCode: ExitStatus.unavailable)
        }
    }
}
