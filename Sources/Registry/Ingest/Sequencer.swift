import Cryptography
import ProofChain

/// Tries waiting operations again as what they wait for arrives, to a fixed point: each round takes up those that wait
/// for what the round before it brought. Pure; the store is asked for each round.
struct Sequencer: Sendable {
    private(set) var ingestion: Ingestion
    private var entriesSeen = 0
    private var tried = 0
    private var rounds = 0

    init(_ ingestion: Ingestion) { self.ingestion = ingestion }

    /// What arrived since the last call, that others may wait for: DIDs and CIDs. Empty when nothing did, or when
    /// enough was tried for one batch; the sweep goes on then.
    mutating func arrived() -> [String] {
        let fresh = ingestion.changes.entries[entriesSeen...]
        entriesSeen = ingestion.changes.entries.count
        guard !fresh.isEmpty, tried < RelayLimits.sequencedPerBatch, rounds < RelayLimits.sequencerRounds else {
            return []
        }
        rounds += 1
        var keys: Set<String> = []
        for entry in fresh {
            keys.insert(entry.cid.string)
            if entry.kind == .identity { keys.insert(entry.chainID) }
        }
        return keys.sorted()
    }

    /// How many more may be tried.
    var room: Int { max(0, RelayLimits.sequencedPerBatch - tried) }

    /// Decides a batch, with what was read for it; returns the results in the order of the submissions.
    mutating func ingest(_ submissions: [Submission], facts: RelayFacts) -> [IngestResult] {
        ingestion.facts.fill(from: facts)
        var results: [IngestResult?] = Array(repeating: nil, count: submissions.count)
        for index in DependencySort.order(submissions) { results[index] = ingestion.ingest(submissions[index]) }
        return results.compactMap(\.self)
    }

    /// Tries waiting operations; returns the results by token.
    mutating func retry(_ submissions: [Submission], facts: RelayFacts) -> [[UInt8]: IngestResult] {
        tried += submissions.count
        let results = ingest(submissions, facts: facts)
        return Dictionary(zip(submissions.map(\.tokenHash), results)) { _, last in last }
    }

    /// Operations of this batch itself that wait for one of these keys: they are not in the store yet.
    func waiting(for keys: [String]) -> [Submission] {
        let keys = Set(keys)
        return ingestion.changes.waiting.values.filter { keys.contains($0.dependency) }.map(\.submission)
    }
}
