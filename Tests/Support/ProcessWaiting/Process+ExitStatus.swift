public import Foundation
import Glibc

extension Process {
    /// Waits for the end of a process that was run, and returns its exit status, or 128 and the signal that ended it.
    ///
    /// Foundation's own `waitUntilExit` waits for the end of a file that the process inherited. Whatever else is
    /// started meanwhile inherits it too, a Postgres for example, and then it waits for that.
    public func exitStatus() -> Int32 {
        while true {
            var status: Int32 = 0
            let taken = waitpid(processIdentifier, &status, WNOHANG)
            if taken == processIdentifier {
                return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
            }
            // Foundation was first; it knows in a moment.
            if taken == -1, errno == ECHILD, !isRunning {
                return terminationReason == .exit ? terminationStatus : 128 + terminationStatus
            }
            usleep(1000)
        }
    }
}
