import ArgumentParser
import Foundation
import LedgerStore
import Service

/// `mjn demo`.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "The main job end to end: keys, a manifest, one payment, its postings, a verified ledger.",
        discussion: """
            Uses the running node of the data directory. Where none runs, it starts one of its own in a temporary \
            folder, and removes it afterwards. Everything is real: signatures, HTTP, Postgres. Only the people and \
            the payer's money are made up.

            Example: mjn demo
            Example: mjn demo --json | jq .settlement.splits
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var pay: PayOptions

    @Flag(help: "Print everything that came of it as one line of JSON.")
    var json = false

    func run() async throws {
        let client = try pay.client()
        if try await Self.serves(client) {
            return try await perform(node, client, isPrivate: false)
        }
        if pay.payURL != nil {
            throw CLIFailure(
                "nothing answers at \(client.base)", fix: "start a node with: mjn up", exitCode: ExitStatus.unavailable)
        }
        standardError("mjn: no node runs here; starting one for the demonstration")
        let own = try PrivateNode.start()
        let result: Result<Void, any Error>
        do {
            let address = try await own.ready()
            let options = try NodeOptions.parse(["--data-dir", own.dataDirectory])
            result = .success(try await perform(options, NodeClient(address), isPrivate: true))
        } catch {
            result = .failure(error)
        }
        try await own.stop()
        try result.get()
    }

    private static func serves(_ client: NodeClient) async throws -> Bool {
        do throws(CLIFailure) {
            return try await client.send(.get, "/api/health").status == 200
        } catch {
            guard error.exitCode == ExitStatus.unavailable else { throw error }
            return false
        }
    }

    private func perform(_ options: NodeOptions, _ client: NodeClient, isPrivate: Bool) async throws {
        let cast = try DemoCast()
        let outcome = try await withLedger(options) { session in
            try await DemoPlay(cast: cast, client: client, session: session).run()
        }
        let report = DemoReport(cast: cast, outcome: outcome, node: client.base, isPrivate: isPrivate)
        if json {
            try StandardOutput.write(report.json + [UInt8(ascii: "\n")])
        } else {
            for line in report.lines(.output) { try StandardOutput.line(line) }
        }
        guard outcome.proof.isOK else {
            throw CLIFailure("the book does not add up", fix: "see: mjn ledger verify", exitCode: ExitStatus.integrity)
        }
    }
}
