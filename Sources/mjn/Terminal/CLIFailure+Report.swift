import Kernel
import PostgresClient
import Settlement

extension CLIFailure {
    /// What an error of the layers below means on the command line; nil for errors of the command line itself.
    init?(anyOf error: any Error) {
        switch error {
        case let failure as CLIFailure: self = failure
        case let failure as LedgerFailure: self.init(failure)
        case let failure as PostgresError:
            let isAway = failure.kind == .unavailable || failure.kind == .connectionLost
            self.init(
                "the database \(isAway ? "does not answer" : "refused"): \(failure.message)",
                fix: "check it with: mjn doctor", exitCode: isAway ? ExitStatus.unavailable : ExitStatus.failed)
        case let failure as ClusterError:
            self.init(failure.message, fix: failure.fix, exitCode: ExitStatus.unavailable)
        case let failure as MigrationError:
            self.init(failure.message, fix: failure.fix)
        case let failure as ManifestError:
            self.init("\(failure.code): \(failure.reason)", fix: "correct the manifest, and sign it again")
        default: return nil
        }
    }

    /// Prints it: the failure on one line, what to do on the next.
    func report() {
        let style = Style.error
        standardError(style.red("mjn:") + " " + message)
        if let fix { standardError("  fix: " + fix) }
    }
}
