public import Kernel

/// Commands that are answered together; an atomic one is done whole or not at all.
public struct Submission: Sendable {
    /// Names it between the machine and whoever waits for the answer; unique within the process.
    public let ticket: UInt64
    /// At least one.
    public let commands: [Command]
    /// All or none.
    public let isAtomic: Bool
    /// The intent that it came through, when another process waits for the answer in the database.
    public let intentID: String?
    /// How often its batch has failed.
    var attempts = 0
    /// A batch with it may have been committed: what is found stored is our own first answer.
    var mayBeCommitted = false

    /// A submission.
    public init(ticket: UInt64, commands: [Command], isAtomic: Bool = false, intentID: String? = nil) {
        precondition(!commands.isEmpty, "a submission has commands")
        self.ticket = ticket
        self.commands = commands
        self.isAtomic = isAtomic
        self.intentID = intentID
    }
}

/// The right to write a book, until somebody takes it over.
public struct Lease: Hashable, Sendable {
    /// Grows with every take-over; each batch is conditional on it.
    public let epoch: Int64
    /// The book's last entry.
    public let head: BookHead
    /// The next account's number.
    public let nextAccountID: Int64

    /// A lease.
    public init(epoch: Int64, head: BookHead, nextAccountID: Int64) {
        self.epoch = epoch
        self.head = head
        self.nextAccountID = nextAccountID
    }
}

/// One transaction of the poster.
public struct PosterCommit: Sendable {
    /// The rows.
    public let writes: BatchWrites
    /// The lease's epoch: the transaction must fail when it is not the book's.
    public let epoch: Int64
    /// The head it was decided on: the transaction must fail when the book has another.
    public let seqBefore: Int64
    /// The head after it.
    public let head: BookHead
    /// The next account's number after it.
    public let nextAccountID: Int64
    /// Intents that it answers, and ends.
    public let intentAnswers: [IntentAnswer]
}

/// The answer for a process that waits in the database.
public struct IntentAnswer: Hashable, Sendable {
    /// Which intent.
    public let intentID: String
    /// One decision per command; empty when the database refused to store it.
    public let decisions: [Decision]

    /// An answer.
    public init(intentID: String, decisions: [Decision]) {
        self.intentID = intentID
        self.decisions = decisions
    }
}

/// Why the store could not do what it was asked.
public enum StoreFailure: Error, Hashable, Sendable {
    /// Nothing was done, and it may work in a moment: no connection, a deadlock, a shutdown.
    case unavailable(String)
    /// It may have been done: the connection was lost, or timed out, during the commit.
    case outcomeUnknown(String)
    /// Somebody else holds the lease: nothing was done.
    case fenced
    /// The database refused a row: nothing was done, and asking again will not help.
    case rejected(String)
}

/// A call of the store, to say which one failed.
public enum PosterCall: Hashable, Sendable {
    /// `acquireLease` or `renewLease`.
    case lease
    /// The load with this number.
    case load(UInt64)
    /// The commit.
    case commit
}

/// What happened, told to the machine one at a time.
public enum PosterEvent: Sendable {
    /// New work.
    case submitted([Submission])
    /// The answer to `acquireLease`.
    case leaseGranted(Lease)
    /// The answer to `acquireLease` when another process holds a live one.
    case leaseDenied
    /// The answer to `renewLease`.
    case leaseRenewed
    /// The answer to the load with this number. One that nobody waits for any more is ignored.
    case loaded(UInt64, LoadedFacts)
    /// The answer to `commit`.
    case committed
    /// The answer to any effect that asks the store.
    case failed(PosterCall, StoreFailure)
    /// Time passed without work.
    case tick
    /// The process ends: what is queued is refused, the lease given back.
    case stop
}

/// What is to be done.
///
/// A load may be out beside a commit, and either may be answered first; a call about the lease is out alone.
public enum PosterEffect: Sendable {
    /// Take the lease, if it is free or ours. Waits for the book's row, so that an unknown commit is decided before.
    case acquireLease
    /// Keep the lease.
    case renewLease(epoch: Int64)
    /// Give the lease back. Not answered.
    case releaseLease(epoch: Int64)
    /// Load facts. Its number comes back with the answer.
    case load(UInt64, Requirements)
    /// Write a batch.
    case commit(PosterCommit)
    /// Hand submissions to the process that holds the lease. Not answered.
    case forward([Submission])
    /// Tell those who wait. Not answered.
    case answer(ticket: UInt64, [Decision])
    /// Tell those who wait that there is no answer. Not answered.
    case fail(ticket: UInt64, LedgerFailure)
}

extension PosterEffect {
    /// The call of the store that it is, to say that it failed; nil where nothing is answered.
    package var call: PosterCall? {
        switch self {
        case .acquireLease, .renewLease: .lease
        case .load(let number, _): .load(number)
        case .commit: .commit
        case .releaseLease, .forward, .answer, .fail: nil
        }
    }
}

/// Why a submission got no outcome. What it asked for may or may not have been done; the same key finds out.
public enum LedgerFailure: Error, Hashable, Sendable {
    /// The queue is full.
    case overloaded
    /// The database does not answer; the outcome may be unknown.
    case databaseUnavailable(String)
    /// Another process holds the lease and did not answer in time.
    case inFlight
    /// The database refused it: a defect, logged.
    case rejected(String)
    /// The process is stopping.
    case stopping

    /// Stable code.
    public var code: String {
        switch self {
        case .overloaded: "overloaded"
        case .databaseUnavailable, .stopping: "database_unavailable"
        case .inFlight: "idempotency_in_flight"
        case .rejected: "internal_error"
        }
    }
}
