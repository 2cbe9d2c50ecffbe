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
}
