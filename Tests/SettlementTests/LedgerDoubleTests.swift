import LedgerDouble
import Settlement
import Testing

@Suite struct LedgerDoubleTests {
    @Test("the double keeps what a ledger store promises", arguments: LedgerStoreConformance.cases)
    func conforms(_ promise: LedgerStoreConformance) async throws {
        let failures = try await promise.check(LedgerDouble())
        #expect(failures.isEmpty, "\(failures)")
    }

    @Test("a failure that was ordered comes once, and nothing is done")
    func failsNext() async throws {
        let store = LedgerDouble()
        store.failNext(.overloaded)
        let command = Commands.fund("f", People.ada, 1)
        await #expect(throws: (any Error).self) { try await store.submit([command], atomically: false) }
        #expect(store.book.entries.isEmpty)
        _ = try await store.submit([command], atomically: false)
        #expect(store.book.entries.count == 1)
        #expect(store.submitted.map(\.key) == ["f", "f"])
    }
}
