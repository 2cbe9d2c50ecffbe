import Cryptography
import Foundation
import Kernel
import LedgerStore
import Settlement

/// Commands of the person at the command line.
enum Operator {
    /// The caller that the book knows the command line by.
    static let caller = "operator"

    /// Who decided, for the audit log.
    static var name: String {
        let environment = ProcessInfo.processInfo.environment
        return "operator:" + (environment["SUDO_USER"] ?? NSUserName())
    }

    /// A command with a key of its own: each run of the program asks once.
    static func command(_ action: Action, key: String) -> Command {
        Command(caller: caller, key: key, requestHash: SHA256.hash(key.utf8), action: action)
    }

    /// Has commands carried out.
    /// - Returns: the replies.
    /// - Throws: exit code 1 with the first refusal.
    static func submit(_ commands: [Command], _ session: LedgerSession) async throws -> [[UInt8]] {
        let decisions = try await session.store.submit(commands, atomically: false)
        return try decisions.map { decision in
            let outcome = decision.outcome
            guard let code = outcome.code else { return outcome.body }
            throw CLIFailure("\(code): \(String(decoding: outcome.body, as: UTF8.self))")
        }
    }
}
