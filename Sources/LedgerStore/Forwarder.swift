import Foundation
import Kernel
import Logging
import PostgresClient
import Settlement
import Synchronization

/// Hands commands to the process that holds the book's lease, through the database, and waits for its answer.
///
/// An intent is a row with an id of its own; the poster ends it, and writes its answer, in the transaction of its
/// effect.
struct Forwarder: Sendable {
    let pool: PostgresPool
    let bookID: Int64

    /// How long to wait for the other process; past it the caller is told to ask again.
    static let waitSeconds = 10.0
    /// Between looks; notifications would save little at this rate.
    static let pollMs = 20

    static let channel = "mjn_intents"

    func submit(_ submission: Submission) async throws(LedgerFailure) -> [Decision] {
        let payload: [UInt8]
        do {
            payload = Array(try JSONEncoder().encode(Intent(submission)))
        } catch {
            throw .rejected("\(error)")
        }
        let bookID = bookID
        let intentID = UUID().uuidString
        try await run { connection in
            try connection.query(Self.insert, [.int8(bookID), .text(intentID), .bytea(payload)])
            try connection.notify(Self.channel, payload: "")
        }
        let deadline = ContinuousClock.now + .seconds(Self.waitSeconds)
        while ContinuousClock.now < deadline {
            let decisions = try await run { connection -> [Decision]? in
                let rows = try connection.query(Self.takeAnswer, [.int8(bookID), .text(intentID)])
                guard let row = rows.first else { return nil }
                return try JSONDecoder().decode([Decision].self, from: Data(try row.bytea(0)))
            }
            if let decisions {
                guard decisions.count == submission.commands.count else {
                    throw .rejected("the database refused it; the log of the process that leads says why")
                }
                return decisions
            }
            try? await Task.sleep(for: .milliseconds(Self.pollMs))
        }
        // It may still be carried out: the same key finds out.
        throw .inFlight
    }

    private func run<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws(LedgerFailure) -> T {
        do {
            return try await pool.run(body)
        } catch {
            throw LedgerFailure(error)
        }
    }

    static let insert = Statement(
        "insert_intent",
        "INSERT INTO intents (book_id, intent_id, commands, made_at) VALUES ($1, $2, $3, now())")
    static let takeAnswer = Statement(
        "take_intent_answer",
        "DELETE FROM intent_answers WHERE book_id = $1 AND intent_id = $2 RETURNING decisions")
}

/// A submission as it lies in the database.
struct Intent: Codable, Sendable {
    let commands: [Command]
    let isAtomic: Bool

    init(_ submission: Submission) {
        commands = submission.commands
        isAtomic = submission.isAtomic
    }
}

extension LedgerFailure {
    /// What a failed database call means to whoever waits.
    init(_ error: any Error) {
        switch PosterThread.Worker.failure(error) {
        case .unavailable(let why), .outcomeUnknown(let why): self = .databaseUnavailable(why)
        case .fenced: self = .databaseUnavailable("fenced")
        case .rejected(let why): self = .rejected(why)
        }
    }
}
