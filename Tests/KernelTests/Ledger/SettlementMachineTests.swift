import Kernel
import Testing

@Suite struct SettlementMachineTests {
    private static let events: [SettlementEvent] = [
        .verified, .awaitsRail, .refused, .posted, .committed, .rolledBack, .refunded(all: false), .refunded(all: true),
    ]

    /// All that is allowed; everything else is not.
    private static let table: [SettlementState: [SettlementEvent: SettlementState]] = [
        .received: [.verified: .verified, .refused: .refused],
        .verified: [.awaitsRail: .pending, .posted: .posted, .refused: .refused],
        .pending: [.posted: .posted, .refused: .refused],
        .posted: [.committed: .settled, .rolledBack: .verified],
        .settled: [.refunded(all: false): .partiallyRefunded, .refunded(all: true): .refunded],
        .partiallyRefunded: [.refunded(all: false): .partiallyRefunded, .refunded(all: true): .refunded],
    ]

    @Test("every state with every event goes where the table says, or nowhere", arguments: SettlementState.allCases)
    func transitions(_ state: SettlementState) {
        for event in Self.events {
            #expect(state.after(event) == Self.table[state]?[event], "\(state) \(event)")
        }
    }

    @Test("a state is final when nothing leads out of it", arguments: SettlementState.allCases)
    func final(_ state: SettlementState) {
        #expect(state.isFinal == Self.events.allSatisfy { state.after($0) == nil })
    }

    @Test("how much was refunded gives the state")
    func refunded() {
        #expect(SettlementState(refunded: 0, of: 10) == .settled)
        #expect(SettlementState(refunded: 1, of: 10) == .partiallyRefunded)
        #expect(SettlementState(refunded: 9, of: 10) == .partiallyRefunded)
        #expect(SettlementState(refunded: 10, of: 10) == .refunded)
    }
}
