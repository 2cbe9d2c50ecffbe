import ArgumentParser
import Foundation
import Service

/// Starts a development node.
struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Starts a development node: private Postgres, keys, every service.",
        discussion: """
            Makes the node's key and a service key below the data directory, and lets that service spend any balance.
            With DATABASE_URL set, uses that database instead of a private one. SIGTERM or Ctrl-C stops it cleanly.

              mjn up
              mjn up --solana-local
              mjn up --data-dir /var/lib/mjn --port-offset 100 --json
            """)

    @OptionGroup var options: NodeOptions

    @Option(help: "Added to every service's port.")
    var portOffset = 0

    @Flag(help: "Print one line of JSON when it serves.")
    var json = false

    @Flag(
        name: .customLong("solana-local"),
        help: "Run a Solana of this machine's own with it: the real token programs, in memory.")
    var hasLocalSolana = false

    func run() async throws {
        let local = hasLocalSolana ? try await LocalSolana.start(dataDirectory: options.dataDirectory) : nil
        let environment = ProcessInfo.processInfo.environment.merging(local?.settings ?? [:]) { $1 }
        let result: Result<Void, any Error>
        do {
            var plan = NodeRuntime.Plan(
                settings: try NodeSettings(environment), dataDirectory: options.dataDirectory, portOffset: portOffset,
                isDevelopment: true, services: NodeRuntime.available)
            plan.localSolana = local
            result = .success(try await NodeRuntime.start(plan, json: json))
        } catch {
            result = .failure(error)
        }
        await local?.stop()
        try result.get()
    }
}

/// Starts a production node.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves chosen services with production settings.",
        discussion: """
            Nothing is made up: keys must exist, callers of pay are allowed with `mjn service allow`, and
            MJN_PUBLIC_ORIGINS names the origins that their requests may be signed for. Pay without the registry needs
            MJN_RELAY_URL, the relay whose rotated keys count, or off. The registry's relay needs a
            key of its own, keys/relay.jwk or MJN_RELAY_KEY.

              MJN_PUBLIC_ORIGINS=https://pay.example.org MJN_RELAY_URL=https://relay.example.org \\
                mjn serve --service pay
              mjn serve --service registry
            """)

    @OptionGroup var options: NodeOptions

    @Option(name: .customLong("service"), help: "A service to run; repeat it for several.")
    var services: [String]

    @Option(help: "Added to every service's port.")
    var portOffset = 0

    @Flag(help: "Print one line of JSON when it serves.")
    var json = false

    func validate() throws {
        for service in services where !NodeRuntime.available.contains(service) {
            throw ValidationError(
                "there is no service \(service); there is: \(NodeRuntime.available.joined(separator: ", "))")
        }
    }

    func run() async throws {
        let settings = try NodeSettings()
        guard !settings.origins.isEmpty || !services.contains(NodeRuntime.ledgerService) else {
            throw CLIFailure(
                "MJN_PUBLIC_ORIGINS is not set",
                fix: "name the origins that clients use, such as https://pay.example.org",
                exitCode: ExitStatus.usage)
        }
        let plan = NodeRuntime.Plan(
            settings: settings, dataDirectory: options.dataDirectory, portOffset: portOffset, isDevelopment: false,
            services: services)
        guard
            !services.contains(NodeRuntime.ledgerService) || settings.relayURL != .ownRegistry
                || plan.followedRelay != nil
        else {
            throw CLIFailure(
                "MJN_RELAY_URL is not set, and no registry with a log runs in this process",
                fix: "name the relay whose rotated keys count, such as http://127.0.0.1:3002/relay, or off for none",
                exitCode: ExitStatus.usage)
        }
        try await NodeRuntime.start(plan, json: json)
    }
}

extension NodeRuntime {
    /// Runs a node and says on standard output when it serves.
    static func start(_ plan: Plan, json: Bool) async throws {
        Memory.settle()
        EarlyStop.remember()
        let logger = ServiceLog.logger(label: "mjn", environment: ProcessInfo.processInfo.environment)
        try await NodeRuntime(plan: plan, logger: logger).run { ready in
            let text = json ? ready.json : ready.text
            FileHandle.standardOutput.write(Data((text + "\n").utf8))
        }
    }
}
