/// Mistakes that are planted into the world around the poster, to prove that the simulator finds such.
enum Mistake: String, CaseIterable, Sendable {
    /// The database commits whoever holds the lease and whatever the head is.
    case commitsWithoutFence
    /// Stored replies are not found: what was done is done again.
    case forgetsReplies
    /// Holds do not count as long as they are pending.
    case forgetsHolds
    /// A commit is acknowledged and some of it is not there.
    case losesCommits
    /// A commit's last posting is missing.
    case tearsCommits
    /// Refusals are not stored.
    case forgetsRefusals
    /// An unknown commit is taken for done.
    case takesUnknownForDone
    /// A recipient's rules are read once and never again.
    case keepsOldRules
    /// Clients are answered when a batch is decided, not when it is durable.
    case answersBeforeCommit
    /// What was refunded before is not found.
    case forgetsRefunds
    /// What an allowance has spent is not found.
    case forgetsSpending
    /// Spent authorizations are not found.
    case forgetsAuthorizations
    /// A commit's answers to intents are not written.
    case losesIntentAnswers
    /// A retry that finds its reply gets another body.
    case changesReplies
}
