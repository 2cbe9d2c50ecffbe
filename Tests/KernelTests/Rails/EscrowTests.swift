import Kernel
import Testing

/// Escrow: who may do what, and where each part of the money goes.
@Suite("escrow")
struct EscrowTests {
    private static func escrow(credit: Int64 = 300, releaseAfterMs: Int64? = 1000) -> Escrow {
        Escrow(
            id: "esc_1", payer: "ada", payee: "bob", arbiter: "cyd", creator: "shop", amountMinor: 1000,
            creditMinor: credit, currency: "USD", releaseAfterMs: releaseAfterMs, memo: "")
    }

    @Test("the payer and the arbiter release, the payee and the arbiter give back, and nobody else does either")
    func rights() throws {
        for by in ["ada", "bob", "cyd", "dan", "node"] {
            var released = Self.escrow()
            var refunded = Self.escrow()
            let mayRelease = (try? released.apply(.released(amountMinor: nil, by: by), nowMs: 0)) != nil
            let mayRefund = (try? refunded.apply(.refunded(amountMinor: nil, by: by), nowMs: 0)) != nil
            #expect(mayRelease == ["ada", "cyd"].contains(by), "\(by) releases")
            #expect(mayRefund == ["bob", "cyd"].contains(by), "\(by) gives back")
        }
    }

    @Test("the node releases when the time has come, not before")
    func time() throws {
        var escrow = Self.escrow()
        #expect(throws: Refusal.self) { try escrow.apply(.released(amountMinor: nil, by: "node"), nowMs: 999) }
        let moves = try escrow.apply(.released(amountMinor: nil, by: "node"), nowMs: 1000)
        #expect(moves == [.debit(.escrow("ada", "USD"), 1000), .payIn("bob", currency: "USD", 1000)])
        #expect(escrow.status == .released)
    }

    @Test("parts come back as cash first, then as the credit that they were")
    func parts() throws {
        var escrow = Self.escrow()
        _ = try escrow.apply(.released(amountMinor: 100, by: "ada"), nowMs: 0)
        let first = try escrow.apply(.refunded(amountMinor: 650, by: "bob"), nowMs: 0)
        #expect(first.contains(.payIn("ada", currency: "USD", 650)))
        let second = try escrow.apply(.refunded(amountMinor: nil, by: "bob"), nowMs: 0)
        #expect(second.contains(.payIn("ada", currency: "USD", 50)))
        #expect(second.contains(.credit(.credit("ada", "USD"), 200)))
        #expect(escrow.remainingMinor == 0)
        #expect(throws: Refusal.self) { try escrow.apply(.refunded(amountMinor: 1, by: "bob"), nowMs: 0) }
    }

    @Test("more than is left, nothing and less than nothing are refused", arguments: [Int64(0), -1, 1001])
    func amounts(amount: Int64) {
        var escrow = Self.escrow()
        #expect(throws: Refusal.self) { try escrow.apply(.released(amountMinor: amount, by: "ada"), nowMs: 0) }
        #expect(escrow == Self.escrow())
    }
}
