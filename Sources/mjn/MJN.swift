import ArgumentParser
import COpenSSL
import Foundation

/// The program: one node, its services and its tools.
@main
struct MJN: AsyncParsableCommand {
    /// The release.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "mjn",
        abstract: "A settlement kernel: signed manifests in, balanced entries out.",
        discussion: """
            First steps:
              mjn up                  a node on this machine, with a Postgres of its own
              mjn demo                one payment, five contributors, from keys to a verified ledger
              mjn doctor              what is missing, and what to do about it

            Data goes to standard output, messages to standard error. Exit codes: 0 done; 1 failed, or what was \
            checked is invalid; 64 usage; 65 bad input; 69 unavailable; 70 integrity failure; 75 busy, try again; \
            77 not permitted.
            """,
        version: version,
        subcommands: [
            Up.self, Serve.self, Migrate.self, Doctor.self, Demo.self, DIDCommand.self, ChainCommand.self,
            AttestCommand.self, FairCommand.self, SettleCommand.self, GasCommand.self, LedgerCommand.self,
            ServiceCommand.self, AccountCommand.self, PaymentCommand.self, PayoutCommand.self, PayeeCommand.self,
            RailCommand.self, WebhooksCommand.self,
        ])

    static func main() async {
        // A reader that goes away is an error of the write, not the end of the process: there is a database to close.
        signal(SIGPIPE, SIG_IGN)
        // At exit OpenSSL would free what the threads of HTTP clients are using still, and the process would crash
        // after its work was done. Nothing needs to be freed then. It must be said before anything uses OpenSSL.
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch is OutputClosed {
            Foundation.exit(0)
        } catch let error as ExitCode {
            Foundation.exit(error.rawValue)
        } catch {
            guard let failure = CLIFailure(anyOf: error) else { exit(withError: error) }
            failure.report()
            Foundation.exit(failure.exitCode)
        }
    }
}
