import Cryptography
import Kernel
import LedgerDouble
import Testing

@Suite struct ConsentTests {
    let ada = People.ada, bob = People.bob, shop = People.shop
    static let dayMs = CivilDate.msPerDay

    private func allowed(max: Int64 = 60, perDay: Int64 = 100, notAfterMs: Int64 = .max) -> Ledger {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 10_000))
        ledger.run(Commands.allow("a", payer: ada, max: max, perDay: perDay, notAfterMs: notAfterMs))
        return ledger
    }

    private func pay(_ key: String, _ amount: Int64, _ ledger: inout Ledger) -> String? {
        let consent = Consent.allowance(service: shop.string)
        return ledger.run(Commands.settle(key, payer: ada, to: [(bob, amount)], consent: consent)).code
    }

    @Test("without an allowance a service takes nothing")
    func missing() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        let consent = Consent.allowance(service: shop.string)
        let outcome = ledger.run(Commands.settle("s", payer: ada, to: [(bob, 1)], consent: consent))
        #expect(outcome.code == "payer_consent_missing" && outcome.status == 403)
    }

    @Test("an allowance bounds each settlement and each day, to the unit")
    func bounds() {
        var ledger = allowed()
        #expect(pay("s1", 61, &ledger) == "payer_consent_missing")
        #expect(pay("s2", 60, &ledger) == nil)
        #expect(pay("s3", 41, &ledger) == "payer_consent_missing")
        #expect(pay("s4", 40, &ledger) == nil)
        #expect(pay("s5", 1, &ledger) == "payer_consent_missing")
        ledger.nowMs = (CivilDate.day(ms: ledger.nowMs) + 1) * Self.dayMs - 1
        #expect(pay("s6", 1, &ledger) == "payer_consent_missing")
        ledger.nowMs += 1
        #expect(pay("s7", 60, &ledger) == nil)
    }

    @Test("a clock that goes back and forth does not open the day again")
    func clockGoesBack() {
        var ledger = allowed()
        let day = CivilDate.day(ms: ledger.nowMs)
        ledger.nowMs = (day + 1) * Self.dayMs
        #expect(pay("s1", 60, &ledger) == nil)
        ledger.nowMs = day * Self.dayMs
        #expect(pay("s2", 10, &ledger) == nil)
        #expect(pay("s3", 31, &ledger) == "payer_consent_missing")
        ledger.nowMs = (day + 1) * Self.dayMs
        #expect(pay("s4", 31, &ledger) == "payer_consent_missing")
        #expect(pay("s5", 30, &ledger) == nil)
        #expect(pay("s6", 1, &ledger) == "payer_consent_missing")
    }

    @Test("an allowance ends after its last millisecond")
    func ends() {
        var ledger = allowed(notAfterMs: People.noonMs)
        #expect(pay("s1", 1, &ledger) == nil)
        ledger.nowMs += 1
        #expect(pay("s2", 1, &ledger) == "payer_consent_missing")
    }

    @Test("setting an allowance again keeps what was spent today")
    func setAgain() {
        var ledger = allowed()
        #expect(pay("s1", 60, &ledger) == nil)
        ledger.run(Commands.allow("a2", payer: ada, max: 500, perDay: 100))
        #expect(pay("s2", 41, &ledger) == "payer_consent_missing")
        ledger.run(Commands.allow("a3", payer: ada, max: 500, perDay: 50))
        #expect(pay("s3", 1, &ledger) == "payer_consent_missing")
        ledger.run(Commands.allow("a4", payer: ada, max: 500, perDay: 500))
        #expect(pay("s4", 440, &ledger) == nil)
    }

    @Test("a refused settlement uses nothing of the allowance")
    func refusedUsesNothing() {
        var ledger = allowed(max: .max, perDay: 20_000)
        #expect(pay("s1", 10_001, &ledger) == "insufficient_funds")
        #expect(pay("s2", 10_000, &ledger) == nil)
    }

    @Test("an allowance counts per currency and per service")
    func perCurrencyAndService() {
        var ledger = allowed()
        ledger.run(Commands.fund("f2", ada, 100, "EUR"))
        let own = Consent.allowance(service: shop.string)
        let other = Consent.allowance(service: "did:imajin:soft:cafe")
        let inEuro = Commands.settle("s1", payer: ada, to: [(bob, 1)], "EUR", consent: own)
        #expect(ledger.run(inEuro).code == "payer_consent_missing")
        let byOther = Commands.settle("s2", payer: ada, to: [(bob, 1)], consent: other)
        #expect(ledger.run(byOther).code == "payer_consent_missing")
    }

    @Test("an authorization is good once, by its payer, until its end")
    func authorization() {
        var ledger = allowed()
        ledger.run(Commands.fund("f2", bob, 100))
        func pay(_ key: String, _ payer: DID, _ nonce: String, _ end: Int64 = People.noonMs) -> String? {
            let consent = Consent.authorization(nonce: nonce, notAfterMs: end)
            return ledger.run(Commands.settle(key, payer: payer, to: [(shop, 1)], consent: consent)).code
        }
        #expect(pay("s1", ada, "n1") == nil)
        #expect(pay("s2", ada, "n1") == "payer_consent_missing")
        #expect(pay("s3", bob, "n1") == nil)
        #expect(pay("s4", ada, "n2", People.noonMs - 1) == "payer_consent_missing")
        #expect(pay("s5", ada, "n2") == nil)
    }

    @Test("an authorization whose settlement was refused is not spent")
    func refusedKeepsAuthorization() {
        var ledger = Ledger()
        let consent = Consent.authorization(nonce: "n", notAfterMs: .max)
        #expect(
            ledger.run(Commands.settle("s1", payer: ada, to: [(bob, 5)], consent: consent)).code == "insufficient_funds"
        )
        ledger.run(Commands.fund("f", ada, 5))
        #expect(ledger.run(Commands.settle("s2", payer: ada, to: [(bob, 5)], consent: consent)).isDone)
    }
}
