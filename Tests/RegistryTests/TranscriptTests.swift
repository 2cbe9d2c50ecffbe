import Cryptography
import Foundation
import Testing

/// What the reference relay answered, step by step.
@Suite struct TranscriptTests {
    private struct Transcript: Decodable, Sendable {
        struct Step: Decodable, Sendable {
            let step: String
            let operations: [String]
            let results: [Result]
        }

        struct Result: Decodable, Equatable, Sendable {
            let cid: String
            let status: String
            let error: String?
            let dependencyMissing: Bool?
            let kind: String?
            let chainId: String?
        }

        struct Stats: Decodable, Equatable, Sendable {
            var countsByKind: [String: Int]
            let headCid: String?
            var opCount: Int
            let pendingOps: Int
        }

        let steps: [Step]
        let finalStats: Stats
    }

    private struct Answered: Decodable {
        let results: [Transcript.Result]
    }

    private struct WellKnown: Decodable {
        let stats: Transcript.Stats
    }

    private struct Parity: Decodable {
        let bootstrapOps: [String]
        let ops: [String]
    }

    private static func fixture<Value: Decodable>(_ name: String, _ type: Value.Type) throws -> Value {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appendingPathComponent("Fixtures/dfos/\(name)")
        return try JSONDecoder().decode(type, from: Data(contentsOf: file))
    }

    @Test("the reference relay's answers, step by step and word by word")
    func transcript() async throws {
        let transcript = try Self.fixture("derived/relay-transcript.json", Transcript.self)
        try await withRelay(try await TestRelay.database()) { try await replay(transcript, $0) }
    }

    private func replay(_ transcript: Transcript, _ relay: TestRelay) async throws {
        for step in transcript.steps {
            let answer = try await post(step.operations, to: relay.base)
            #expect(answer.status == 200, "\(step.step)")
            let results = try JSONDecoder().decode(Answered.self, from: Data(answer.body)).results
            #expect(results == step.results, "\(step.step)")
        }
        let document = try await get(relay.base + "/.well-known/dfos-relay")
        var stats = try JSONDecoder().decode(WellKnown.self, from: Data(document.body)).stats
        // Its own genesis and profile stand in the log here too.
        stats.opCount -= 2
        stats.countsByKind["identity", default: 0] -= 1
        stats.countsByKind["artifact", default: 0] -= 1
        var expected = transcript.finalStats
        // The reference was recorded with its own two as well.
        expected.opCount -= 2
        expected.countsByKind["identity", default: 0] -= 1
        expected.countsByKind["artifact", default: 0] -= 1
        #expect(stats == expected)
    }

    @Test("the pinned operations are taken in any order, at once or one by one, and give one state")
    func parity() async throws {
        let parity = try Self.fixture("parity-fixture.json", Parity.self)
        let operations = parity.bootstrapOps + parity.ops
        var logs: [Set<String>] = []
        for order in [operations, operations.reversed(), operations.shuffled()] {
            for batch in [operations.count, 1] {
                try await withRelay(try await TestRelay.database()) { relay in
                    for start in stride(from: 0, to: order.count, by: batch) {
                        _ = try await post(Array(order[start..<min(start + batch, order.count)]), to: relay.base)
                    }
                    let own = try await wholeLog(relay.base, "/proof/v1/identities/\(relay.did)/log")
                    let document = try await get(relay.base + "/.well-known/dfos-relay")
                    #expect(document.json["stats"]?["pendingOps"]?.int64 == 0)
                    let log = try await wholeLog(relay.base)
                    #expect(log.count == operations.count + 2)
                    logs.append(Set(log.filter { !own.contains($0) }.dropFirst(1)))
                }
            }
        }
        #expect(Set(logs).count == 1)
    }
}
