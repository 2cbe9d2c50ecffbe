import LedgerDouble
import LedgerStore
import Settlement
import Testing

@Suite("The ledger store on Postgres")
struct ConformanceTests {
    @Test("keeps what a ledger store promises, and proves it afterwards")
    func conforms() async throws {
        try await OpenBook.with { store, book in
            for (number, promise) in LedgerStoreConformance.cases.enumerated() {
                let broken = try await promise.check(store, prefix: "p\(number)")
                #expect(broken == [], "\(promise)")
            }
            let report = try book.verify()
            #expect(report.findings == [])
        }
    }

    @Test("writes one command a transaction when it is told to, with the same results")
    func oneByOne() async throws {
        try await OpenBook.with(limits: Poster.Limits(commandsMax: 1)) { store, book in
            for promise in LedgerStoreConformance.cases {
                let broken = try await promise.check(store)
                #expect(broken == [], "\(promise)")
            }
            let report = try book.verify()
            #expect(report.findings == [])
        }
    }

    @Test("remembers how far a rail's list was read, each list by itself")
    func positions() async throws {
        try await OpenBook.with { store, _ in
            #expect(try await store.position(of: "solana") == nil)
            for time in [5, 3, 9] as [Int64] {
                let position = RailPosition(cursor: "{\"MJN\":\"x\(time)\"}", timeMs: time)
                try await store.setPosition(position, of: "solana")
                #expect(try await store.position(of: "solana") == position)
            }
            #expect(try await store.position(of: "other") == nil)
        }
    }
}
