import Cryptography
import Glibc
import ProofChain
import Testing

@Suite("Work per operation")
struct LinearityTests {
    /// Processor time of this thread, in nanoseconds: what other processes do does not count.
    private func processorTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// A chain in which every operation brings a new key, so that its history grows with it.
    private func chain(_ count: Int) throws -> [SignedOperation] {
        let actor = try Actor(1)
        let controller = actor.state.keys.controller
        var log = [actor.genesis]
        log.reserveCapacity(count)
        let start = actor.state.createdAt.millisecondsSinceEpoch
        for index in 1..<count {
            // Any text may be listed as a key: deriving ten thousand of them is not what is measured.
            let key = Multikey(id: KeyID("key_\(index)"), publicKeyMultibase: "z\(index)")
            log.append(
                try actor.signer.updateIdentity(
                    previous: log[index - 1].cid, keys: KeySet(auth: [key], assert: [], controller: controller),
                    createdAt: try Timestamp(millisecondsSinceEpoch: start + Int64(index))))
        }
        return log
    }

    @Test("the ten thousandth operation of a chain costs what the first ones cost")
    func linear() throws {
        let log = try chain(10_000)
        var state = try IdentityState(genesis: log[0])
        var costs: [Int64] = []
        for start in stride(from: 0, to: log.count, by: 500) {
            let before = processorTime()
            for operation in log[max(start, 1)..<(start + 500)] { try state.extend(by: operation) }
            costs.append(processorTime() - before)
        }
        #expect(state.operationCount == 10_000 && state.history.records.count == 10_000)
        // The least of several is the one that nothing disturbed. Work that grows with the chain would be some twenty
        // times as much at its end as at its beginning.
        let early = try #require(costs[0..<4].min())
        let late = try #require(costs[16..<20].min())
        #expect(late < 3 * early, "\(costs)")
        #expect(state == (try IdentityState(verifying: log)))
    }

    @Test("a chain that lists all of its keys anew in every operation costs what its bytes cost")
    func wide() throws {
        let actor = try Actor(1)
        let controller = actor.state.keys.controller
        let many = (0..<255).map { Multikey(id: KeyID("k\($0)"), publicKeyMultibase: "z") }
        var log = [actor.genesis]
        for index in 1..<200 {
            let keys = KeySet(auth: index % 2 == 0 ? many : [], assert: [], controller: controller)
            log.append(
                try actor.signer.updateIdentity(
                    previous: log[index - 1].cid, keys: keys,
                    createdAt: try Timestamp(
                        millisecondsSinceEpoch: actor.state.createdAt.millisecondsSinceEpoch + Int64(index))))
        }
        var state = try IdentityState(genesis: log[0])
        var costs: [Int64] = []
        for start in stride(from: 0, to: 200, by: 20) {
            let before = processorTime()
            for operation in log[max(start, 1)..<(start + 20)] { try state.extend(by: operation) }
            costs.append(processorTime() - before)
        }
        // A period begins and ends with every second operation: as many as the operations list, and no more.
        let periodCount = state.history.records.reduce(0) { $0 + $1.periods.count }
        #expect(periodCount == 255 * 99 + 2, "and the first key in two sets of roles")
        let early = try #require(costs[0..<3].min())
        let late = try #require(costs[7..<10].min())
        #expect(late < 3 * early, "\(costs)")
    }
}
