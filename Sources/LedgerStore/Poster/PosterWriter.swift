import Cryptography
import Kernel
import PostgresClient
import Settlement

/// Writes a batch: set-based statements and one sync, which is one transaction.
///
/// The first statement advances the book's head under the lease's epoch, and divides by the number of rows that it
/// changed: when the lease is gone or the head has moved, that is a division by zero and the whole transaction is
/// undone.
struct PosterWriter {
    let bookID: Int64
    let leaseMs: Int64
    private var parameters = Parameters()

    init(bookID: Int64, leaseMs: Int64) {
        self.bookID = bookID
        self.leaseMs = leaseMs
    }

    /// SQLSTATE of the division by zero.
    static let fencedState = "22012"

    mutating func write(_ commit: PosterCommit, on connection: Connection) throws {
        var parameters = self.parameters
        self.parameters = Parameters()
        defer { self.parameters = parameters }
        try connection.pipeline { pipe in
            parameters.reset()
            parameters.int8(bookID)
            parameters.int8(commit.epoch)
            parameters.int8(commit.seqBefore)
            parameters.int8(commit.head.seq)
            parameters.bytea(commit.head.hash)
            parameters.int8(commit.head.timeMs)
            parameters.int8(commit.nextAccountID)
            parameters.int8(leaseMs)
            try pipe.send(Self.advance, parameters)
            try sendJournal(commit.writes, &pipe, &parameters)
            try sendReplies(commit.writes, &pipe, &parameters)
            try sendManifests(commit, &pipe, &parameters)
            try sendConsent(commit.writes, &pipe, &parameters)
            try sendLifecycles(commit.writes, &pipe, &parameters)
            try sendOperations(commit.writes, &pipe, &parameters)
            try sendIntents(commit, &pipe, &parameters)
        }
    }

    private func begin(_ parameters: inout Parameters) {
        parameters.reset()
        parameters.int8(bookID)
    }

    private func sendJournal(
        _ writes: BatchWrites, _ pipe: inout Pipeline, _ parameters: inout Parameters
    ) throws {
        if !writes.accounts.isEmpty {
            begin(&parameters)
            parameters.int8s(writes.accounts.map(\.accountID))
            parameters.texts(writes.accounts.map(\.key.owner))
            parameters.texts(writes.accounts.map(\.key.currency))
            parameters.texts(writes.accounts.map(\.key.kind.rawValue))
            parameters.texts(writes.accounts.map(\.key.detail))
            try pipe.send(Self.insertAccounts, parameters)
        }
        guard !writes.entries.isEmpty else { return }
        begin(&parameters)
        parameters.int8s(writes.entries.map(\.seq))
        parameters.int8s(writes.entries.map(\.timeMs))
        parameters.int8s(writes.entries.map(\.effectiveOn))
        parameters.texts(writes.entries.map(\.causeKind))
        parameters.texts(writes.entries.map(\.causeID))
        parameters.byteas(writes.entries.map(\.body))
        parameters.byteas(writes.entries.map(\.hash))
        try pipe.send(Self.insertEntries, parameters)
        guard !writes.postings.isEmpty else { return }
        // In the order of their index, so that neighbours find its pages warm.
        let postings = writes.postings.sorted { ($0.accountID, $0.seq) < ($1.accountID, $1.seq) }
        begin(&parameters)
        parameters.int8s(postings.map(\.accountID))
        parameters.int8s(postings.map(\.seq))
        parameters.int2s(postings.map(\.side.rawValue))
        parameters.int8s(postings.map(\.amountMinor))
        parameters.int8s(postings.map(\.counters.postedDebits))
        parameters.int8s(postings.map(\.counters.postedCredits))
        parameters.int8s(postings.map(\.counters.pendingDebits))
        parameters.int8s(postings.map(\.counters.pendingCredits))
        try pipe.send(Self.insertPostings, parameters)
    }

    private func sendReplies(
        _ writes: BatchWrites, _ pipe: inout Pipeline, _ parameters: inout Parameters
    ) throws {
        if !writes.outcomes.isEmpty {
            begin(&parameters)
            parameters.texts(writes.outcomes.map(\.identity.caller))
            parameters.texts(writes.outcomes.map(\.identity.key))
            parameters.byteas(writes.outcomes.map(\.requestHash))
            parameters.int2s(writes.outcomes.map { Int16($0.outcome.status) })
            parameters.texts(writes.outcomes.map(\.outcome.code))
            parameters.texts(writes.outcomes.map(\.outcome.reference))
            parameters.byteas(writes.outcomes.map(\.outcome.body))
            parameters.int8s(writes.outcomes.map(\.timeMs))
            try pipe.send(Self.insertOutcomes, parameters)
        }
        if !writes.settlements.isEmpty {
            let rows = writes.settlements
            begin(&parameters)
            parameters.texts(rows.map(\.order.settlementID))
            parameters.int8s(rows.map(\.entrySeq))
            parameters.texts(rows.map(\.order.payer.string))
            parameters.int8s(rows.map(\.order.grossMinor))
            parameters.int8s(rows.map(\.creditMinor))
            parameters.texts(rows.map(\.order.currency))
            parameters.texts(rows.map(\.order.service))
            parameters.texts(rows.map(\.order.type))
            parameters.texts(rows.map(\.order.manifestCID))
            parameters.texts(rows.map(\.identity.caller))
            parameters.texts(rows.map(\.identity.key))
            parameters.byteas(rows.map { $0.order.metadataJSON.isEmpty ? nil : $0.order.metadataJSON })
            parameters.int8s(rows.map(\.timeMs))
            try pipe.send(Self.insertSettlements, parameters)
        }
        guard !writes.refunds.isEmpty else { return }
        let rows = writes.refunds
        begin(&parameters)
        parameters.texts(rows.map(\.order.refundID))
        parameters.texts(rows.map(\.order.settlementID))
        parameters.int8s(rows.map(\.entrySeq))
        parameters.int8s(rows.map(\.amountMinor))
        parameters.int8s(rows.map(\.refundedMinor))
        parameters.texts(rows.map(\.order.reason))
        parameters.texts(rows.map(\.identity.caller))
        parameters.texts(rows.map(\.identity.key))
        parameters.int8s(rows.map(\.timeMs))
        try pipe.send(Self.insertRefunds, parameters)
    }

    private func sendManifests(
        _ commit: PosterCommit, _ pipe: inout Pipeline, _ parameters: inout Parameters
    ) throws {
        let writes = commit.writes
        if !writes.manifests.isEmpty {
            begin(&parameters)
            parameters.texts(writes.manifests.map(\.cid))
            parameters.texts(writes.manifests.map(\.manifestID))
            parameters.texts(writes.manifests.map(\.signer))
            parameters.byteas(writes.manifests.map(\.json))
            parameters.int8(commit.recordingMs)
            try pipe.send(Self.insertManifests, parameters)
            begin(&parameters)
            parameters.texts(writes.manifests.map(\.manifestID))
            parameters.texts(writes.manifests.map(\.signer))
            try pipe.send(Self.insertManifestOwners, parameters)
        }
        if !writes.outbox.isEmpty {
            begin(&parameters)
            parameters.int8s(writes.outbox.map(\.seq))
            parameters.int2s(writes.outbox.map(\.ordinal))
            parameters.texts(writes.outbox.map(\.topic))
            parameters.byteas(writes.outbox.map(\.payload))
            try pipe.send(Self.insertOutbox, parameters)
        }
        if !writes.customers.isEmpty {
            begin(&parameters)
            parameters.texts(writes.customers.map(\.payer))
            parameters.texts(writes.customers.map(\.service))
            try pipe.send(Self.insertCustomers, parameters)
        }
    }
}

extension PosterCommit {
    /// When its manifests are recorded, milliseconds since 1970: what a signer's retired keys are judged by. Those that
    /// come without an entry have the time of their outcome; the head's is then an earlier entry's.
    fileprivate var recordingMs: Int64 { writes.outcomes.reduce(head.timeMs) { max($0, $1.timeMs) } }
}
