import Cryptography
import Testing

/// What a ledger promises whatever happens to its processes: what was answered is there, nothing is there twice, and a
/// retry finds out.
struct Promise {
    let home: Home
    let payer: Person
    let body: String
    let amount: Int64
    private let entriesBefore: Int
    private let availableBefore: Int64

    /// A funded payer and a manifest, on a running node.
    init(on node: Node, funded: Int64 = 100_000_000, amount: Int64 = 10) throws {
        home = node.home
        payer = Person()
        self.amount = amount
        let people = (0..<3).map { _ in Person() }
        let manifest = Text.manifest([(people[0].did, "0.5"), (people[1].did, "0.3"), (people[2].did, "0.2")])
        body = Text.settle(try people[0].sign(manifest), from: payer.did, "\(amount)")
        try home.fund(payer.did, funded)
        let warm = try node.send(.settle(body, by: node.service))
        try #require(warm.status == 201, "\(warm.text)")
        entriesBefore = try home.verify().entries
        availableBefore = try node.available(payer.did)
    }

    /// Retries every key on a node that serves, and counts.
    func check(_ attempts: [Load.Attempt], on node: Node, _ location: SourceLocation = #_sourceLocation) throws {
        #expect(Set(attempts.map(\.key)).count == attempts.count, sourceLocation: location)
        let retried = try Load.retry(attempts.map(\.key), body, on: node)
        var ids: Set<String> = []
        for (attempt, answer) in zip(attempts, retried) {
            #expect(answer.status == 201, "\(attempt.key): \(answer.text)", sourceLocation: location)
            if let id = answer.json?["id"]?.string { ids.insert(id) }
            guard let first = attempt.answer, first.status == 201 else { continue }
            #expect(answer.isReplayed, "\(attempt.key) was answered before", sourceLocation: location)
            #expect(answer.body == first.body, "\(attempt.key)", sourceLocation: location)
        }
        #expect(ids.count == attempts.count, "a settlement for each key", sourceLocation: location)
        let found = try home.verify(location)
        #expect(found.entries == entriesBefore + attempts.count, "an entry for each key", sourceLocation: location)
        let left = try node.available(payer.did)
        #expect(left == availableBefore - amount * Int64(attempts.count), sourceLocation: location)
    }
}
