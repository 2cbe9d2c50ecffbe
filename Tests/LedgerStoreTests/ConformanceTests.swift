import Cryptography
import Kernel
import LedgerDouble
import LedgerStore
import Settlement
import Testing

/// What every `LedgerStore` promises, run on the double and on Postgres.
@Suite("A ledger store")
struct ConformanceTests {
    enum Kind: String, CaseIterable, Sendable { case double, postgres }

    private func with(_ kind: Kind, _ body: (any LedgerStore) async throws -> Void) async throws {
        switch kind {
        case .double: try await body(LedgerDouble())
        case .postgres:
            try await OpenBook.with { store, book in
                try await body(store)
                let report = try book.verify()
                // Builders render no splits, so replies say nothing of them: everything else must be proven.
                #expect(report.findings.filter { $0.code != .replyMismatch } == [])
            }
        }
    }

    @Test("gives a retry the first answer, byte for byte, and refuses another body", arguments: Kind.allCases)
    func replay(_ kind: Kind) async throws {
        try await with(kind) { store in
            _ = try await store.decide(Commands.fund("f", People.ada, 1000))
            let settle = Commands.settle("s", payer: People.ada, to: [(People.bob, 600)])
            let first = try await store.decide(settle)
            guard case .decided(let outcome) = first, outcome.status == 201 else {
                Issue.record("the settlement was refused: \(first)")
                return
            }
            #expect(try await store.decide(settle) == .replayed(outcome))
            let other = Commands.settle("s", payer: People.ada, to: [(People.bob, 601)])
            #expect(try await store.decide(other).outcome.code == "idempotency_key_reused")
            #expect(try await store.balances(of: People.bob).first?.cashMinor == 600)
        }
    }

    @Test("stores a refusal, so that a late retry cannot succeed by surprise", arguments: Kind.allCases)
    func storedRefusal(_ kind: Kind) async throws {
        try await with(kind) { store in
            let settle = Commands.settle("s", payer: People.ada, to: [(People.bob, 600)])
            #expect(try await store.decide(settle).outcome.code == "insufficient_funds")
            _ = try await store.decide(Commands.fund("f", People.ada, 1000))
            #expect(try await store.decide(settle).outcome.code == "insufficient_funds")
            #expect(try await store.balances(of: People.ada).first?.cashMinor == 1000)
        }
    }

    @Test("does all of an atomic batch or nothing", arguments: Kind.allCases)
    func atomic(_ kind: Kind) async throws {
        try await with(kind) { store in
            _ = try await store.decide(Commands.fund("f", People.ada, 1000))
            let batch = [
                Commands.settle("a", payer: People.ada, to: [(People.cyd, 400)]),
                Commands.settle("b", payer: People.ada, to: [(People.dan, 700)]),
            ]
            let refused = try await store.submit(batch, atomically: true)
            #expect(refused.map(\.outcome.code) == ["batch_aborted", "insufficient_funds"])
            #expect(try await store.balances(of: People.cyd) == [])
            let again = [
                Commands.settle("c", payer: People.ada, to: [(People.cyd, 400)]),
                Commands.settle("d", payer: People.ada, to: [(People.dan, 600)]),
            ]
            let done = try await store.submit(again, atomically: true)
            #expect(done.allSatisfy { $0.outcome.status == 201 })
            #expect(try await store.balances(of: People.ada).first?.cashMinor == 0)
        }
    }

    @Test("refunds to the last unit, and remembers how far", arguments: Kind.allCases)
    func refunds(_ kind: Kind) async throws {
        try await with(kind) { store in
            _ = try await store.decide(Commands.fund("f", People.ada, 1000))
            let settle = Commands.settle("s", payer: People.ada, to: [(People.bob, 667), (People.cyd, 333)])
            _ = try await store.decide(settle)
            #expect(try await store.decide(Commands.refund("r1", of: settle, 1)).outcome.status == 201)
            #expect(try await store.settlement("stl_s")?.refundedMinor == 1)
            let tooMuch = try await store.decide(Commands.refund("r2", of: settle, 1000))
            #expect(tooMuch.outcome.code == "refund_exceeds_remainder")
            #expect(try await store.decide(Commands.refund("r3", of: settle, nil)).outcome.status == 201)
            #expect(try await store.settlement("stl_s")?.refundedMinor == 1000)
            #expect(try await store.balances(of: People.ada).first?.cashMinor == 1000)
            #expect(try await store.balances(of: People.bob).first?.cashMinor == 0)
        }
    }

    @Test("counts holds against what can be spent", arguments: Kind.allCases)
    func holds(_ kind: Kind) async throws {
        try await with(kind) { store in
            _ = try await store.decide(Commands.fund("f", People.ada, 1000))
            let hold = Commands.hold("h", from: .cash(People.ada), to: .escrow(People.bob), 700)
            #expect(try await store.decide(hold).outcome.status == 201)
            let settle = Commands.settle("s", payer: People.ada, to: [(People.cyd, 400)])
            #expect(try await store.decide(settle).outcome.code == "insufficient_funds")
            #expect(try await store.balances(of: People.ada).first?.availableMinor == 300)
            #expect(try await store.decide(Commands.resolve("p", hold, .post(amountMinor: 500))).outcome.isDone)
            #expect(try await store.decide(Commands.resolve("v", hold, .void)).outcome.code == "hold_resolved")
            #expect(try await store.balances(of: People.ada).first?.availableMinor == 500)
        }
    }

    @Test("charges gas along the curve", arguments: Kind.allCases)
    func gas(_ kind: Kind) async throws {
        try await with(kind) { store in
            _ = try await store.decide(Commands.fund("f", People.ada, 100_000, "MJN"))
            var charged: [Int64] = []
            var left: Int64 = 100_000
            for number in 1...7 {
                _ = try await store.decide(Commands.gas("g\(number)", from: People.ada, to: People.bob))
                let now = try await store.balances(of: People.ada).first?.cashMinor ?? 0
                charged.append(left - now)
                left = now
            }
            #expect(charged == [100, 150, 300, 700, 1500, 4000, 4000])
        }
    }

    @Test("lists a DID's postings newest first, page by page", arguments: Kind.allCases)
    func transactions(_ kind: Kind) async throws {
        try await with(kind) { store in
            for number in 1...5 { _ = try await store.decide(Commands.fund("f\(number)", People.ada, Int64(number))) }
            let first = try await store.transactions(of: People.ada, before: nil, limit: 3)
            #expect(first.map(\.amountMinor) == [5, 4, 3])
            #expect(first.map(\.balanceMinor) == [15, 10, 6])
            let rest = try await store.transactions(of: People.ada, before: first.last?.cursor, limit: 3)
            #expect(rest.map(\.amountMinor) == [2, 1])
        }
    }
}
