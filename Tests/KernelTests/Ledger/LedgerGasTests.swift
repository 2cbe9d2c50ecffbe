import Cryptography
import Kernel
import LedgerDouble
import Testing

@Suite struct LedgerGasTests {
    let ada = People.ada, bob = People.bob, cyd = People.cyd
    static let windowMs = Int64(Gas.windowSeconds) * 1000

    private func funded() -> Ledger {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 1_000_000, "MJN"))
        return ledger
    }

    /// The price of the next message, or the refusal's code.
    private func send(_ key: String, _ ledger: inout Ledger, to recipient: DID? = nil, cluster: DID? = nil) -> String {
        let outcome = ledger.run(Commands.gas(key, from: ada, to: recipient ?? bob, cluster: cluster))
        if let code = outcome.code { return code }
        let amount = outcome.text.split(separator: #""amount":"#).last.map { $0.prefix { $0.isNumber } }
        return amount.map(String.init) ?? outcome.text
    }

    @Test("messages to one recipient cost what the curve says")
    func curve() {
        var ledger = funded()
        let prices = (1...8).map { send("g\($0)", &ledger) }
        #expect(prices == ["100", "150", "300", "700", "1500", "4000", "4000", "4000"])
        #expect(ledger.balance(AccountKey(kind: .gas, currency: "MJN")) == 14_750)
        #expect(send("other", &ledger, to: cyd) == "100")
    }

    @Test("a message counts for 30 days to the millisecond")
    func window() {
        var ledger = funded()
        #expect(send("g1", &ledger) == "100")
        ledger.nowMs += Self.windowMs - 1
        #expect(send("g2", &ledger) == "150")
        ledger.nowMs += 1
        #expect(send("g3", &ledger) == "150")
    }

    @Test("a cluster's senders count together")
    func cluster() {
        var ledger = funded()
        #expect(send("g1", &ledger, cluster: cyd) == "100")
        #expect(send("g2", &ledger, cluster: cyd) == "150")
        #expect(send("g3", &ledger) == "100")
    }

    @Test("who is welcome pays nothing, counts, and makes no entry")
    func whitelisted() {
        var ledger = funded()
        ledger.gasRules[GasKey(cluster: ada.string, recipient: bob.string)] = GasRule(
            standing: .whitelisted, perDayMax: 1)
        #expect((1...3).map { send("g\($0)", &ledger) } == ["0", "0", "0"])
        #expect(ledger.entries.count == 1)
    }

    @Test("who is shut out is refused, whatever they would pay, and it is not stored")
    func blacklisted() {
        var ledger = funded()
        ledger.gasRules[GasKey(cluster: ada.string, recipient: bob.string)] = GasRule(standing: .blacklisted)
        let outcome = ledger.run(Commands.gas("g", from: ada, to: bob))
        #expect(outcome.code == "recipient_blocked" && outcome.status == 403)
        #expect(ledger.outcomes.count == 1)
    }

    @Test("a founder who is shut out shuts its senders out, and one who is welcome makes none of them so")
    func rulesOfFounder() {
        var ledger = funded()
        ledger.gasRules[GasKey(cluster: cyd.string, recipient: bob.string)] = GasRule(standing: .whitelisted)
        #expect(send("g1", &ledger, cluster: cyd) == "100")
        var other = funded()
        other.gasRules[GasKey(cluster: cyd.string, recipient: bob.string)] = GasRule(standing: .blacklisted)
        #expect(send("g1", &other, cluster: cyd) == "recipient_blocked")
        #expect(send("g2", &other) == "100")
        var sender = funded()
        sender.gasRules[GasKey(cluster: ada.string, recipient: bob.string)] = GasRule(standing: .blacklisted)
        #expect(send("g1", &sender, cluster: cyd) == "recipient_blocked")
    }

    @Test("a recipient's limit counts a rolling day")
    func perDay() {
        var ledger = funded()
        ledger.gasRules[GasKey(cluster: ada.string, recipient: bob.string)] = GasRule(perDayMax: 2)
        #expect(send("g1", &ledger) == "100")
        ledger.nowMs += 1000
        #expect(send("g2", &ledger) == "150")
        #expect(send("g3", &ledger) == "recipient_rate_limited")
        ledger.nowMs += CivilDate.msPerDay - 1001
        #expect(send("g4", &ledger) == "recipient_rate_limited")
        ledger.nowMs += 1
        #expect(send("g5", &ledger) == "300")
        #expect(send("g6", &ledger) == "recipient_rate_limited")
    }

    @Test("who cannot pay is not counted")
    func unpaid() {
        var ledger = Ledger()
        #expect(send("g1", &ledger) == "insufficient_funds")
        ledger.run(Commands.fund("f", ada, 100, "MJN"))
        #expect(send("g2", &ledger) == "100")
    }

    @Test("tier 1 is free at first and ever after where its base is zero, and still counts")
    func free() {
        var ledger = Ledger()
        let outcome = ledger.run(Commands.gas("g", from: ada, to: bob, tier: 1, baseMinor: 0))
        #expect(outcome.text.contains(#""amount":0"#) && outcome.text.contains(#""entry_seq":null"#))
        ledger.run(Commands.fund("f", ada, 150, "MJN"))
        #expect(send("g2", &ledger) == "150")
    }
}
