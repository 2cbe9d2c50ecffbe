import Cryptography
import Stripe
import Testing

@Suite("Stripe's events")
struct EventTests {
    static func body(_ type: String, object: String, account: String? = nil) -> [UInt8] {
        let account = account.map { #""account":"\#($0)","# } ?? ""
        return Array(
            """
            {"id":"evt_1","object":"event",\(account)"api_version":"2019-01-01","created":1700000000,"livemode":false,
             "pending_webhooks":1,"type":"\(type)","data":{"object":\(object)}}
            """.utf8)
    }

    static func notice(_ type: String, object: String, account: String? = nil) throws -> StripeEventNotice? {
        guard case .notice(let notice) = try StripeEvents.read(body(type, object: object, account: account)) else {
            return nil
        }
        return notice
    }

    @Test(
        "an event says which object to fetch, and whose it is",
        arguments: [
            (
                "payment_intent.succeeded", .paymentIntent, "pi_1",
                #"{"object":"payment_intent","id":"pi_1","metadata":{"mjn_ref":"pay_1"},"transfer_group":"pay_1"}"#
            ),
            (
                "checkout.session.completed", .checkoutSession, "cs_1",
                #"{"object":"checkout.session","id":"cs_1","client_reference_id":"pay_1","payment_intent":"pi_1"}"#
            ),
            (
                "charge.updated", .charge, "ch_1",
                #"{"object":"charge","id":"ch_1","metadata":{"mjn_ref":"pay_1"},"payment_intent":"pi_1"}"#
            ),
            (
                "charge.dispute.funds_withdrawn", .dispute, "dp_1",
                #"{"object":"dispute","id":"dp_1","charge":"ch_1","metadata":{"mjn_ref":"pay_1"}}"#
            ),
            (
                "refund.failed", .refund, "re_1",
                #"{"object":"refund","id":"re_1","charge":"ch_1","metadata":{"mjn_ref":"pay_1"}}"#
            ),
            (
                "transfer.reversed", .transfer, "tr_1",
                #"{"object":"transfer","id":"tr_1","metadata":{"mjn_ref":"pay_1"}}"#
            ),
        ] as [(String, StripeSubject, String, String)])
    func subjects(type: String, subject: StripeSubject, id: String, object: String) throws {
        let notice = try #require(try Self.notice(type, object: object))
        #expect(notice.subject == subject)
        #expect(notice.object?.text == id)
        #expect(notice.reference == "pay_1")
        #expect(notice.account == nil)
        #expect(notice.eventID.text == "evt_1" && notice.happenedAtMs == 1_700_000_000_000 && !notice.isLive)
    }

    @Test("what happens on a connected account is about that account")
    func connected() throws {
        let payout = try #require(
            try Self.notice("payout.paid", object: #"{"object":"payout","id":"po_1"}"#, account: "acct_7"))
        #expect(payout.subject == .payout && payout.account?.text == "acct_7" && payout.object?.text == "po_1")
        for (type, object) in [
            ("account.updated", #"{"object":"account","id":"acct_7"}"#),
            ("capability.updated", #"{"object":"capability","id":"transfers","account":"acct_7"}"#),
            ("account.external_account.created", #"{"object":"bank_account","id":"ba_1","account":"acct_7"}"#),
            ("account.application.deauthorized", #"{"object":"application","id":"ca_1"}"#),
        ] {
            let notice = try #require(try Self.notice(type, object: object, account: "acct_7"))
            #expect(notice.subject == .account && notice.object?.text == "acct_7")
            #expect(notice.isLeave == (type == "account.application.deauthorized"))
        }
    }

    @Test("every name that the rail lives on is known, and is one of Stripe's")
    func names() throws {
        let names = """
            checkout.session.completed checkout.session.async_payment_succeeded checkout.session.async_payment_failed
            checkout.session.expired payment_intent.succeeded payment_intent.payment_failed payment_intent.canceled
            payment_intent.processing payment_intent.amount_capturable_updated charge.succeeded charge.captured
            charge.failed charge.updated charge.refunded refund.created refund.updated refund.failed
            charge.dispute.created charge.dispute.updated charge.dispute.closed charge.dispute.funds_withdrawn
            charge.dispute.funds_reinstated transfer.created transfer.updated transfer.reversed payout.created
            payout.updated payout.paid payout.failed payout.canceled payout.reconciliation_completed account.updated
            capability.updated account.external_account.created account.external_account.updated
            account.external_account.deleted account.application.deauthorized application_fee.created
            application_fee.refunded application_fee.refund.updated balance.available topup.created topup.succeeded
            reporting.report_run.succeeded reporting.report_run.failed review.opened review.closed
            """.split(whereSeparator: \.isWhitespace)
        let operations = try #require(try Fixture.json("stripe/spec3.sdk-derived.min.json")["paths"])
        let body = operations["/v1/webhook_endpoints"]?["post"]?["requestBody"]?["content"]
        let form = body?["application/x-www-form-urlencoded"]?["schema"]?["properties"]
        let existing = Set(form?["enabled_events"]?["items"]?["enum"]?.elements.compactMap(\.string) ?? [])
        #expect(existing.count > 200)
        for name in names {
            #expect(existing.contains(String(name)), "Stripe has no event \(name)")
            #expect(try Self.notice(String(name), object: #"{"object":"x","id":"x_1"}"#) != nil, "\(name)")
        }
    }

    @Test(
        "events that do not exist, or are of no concern, are passed over",
        arguments: ["transfer.paid", "transfer.failed", "plan.created", "a.new.one"])
    func passedOver(name: String) throws {
        let content = try StripeEvents.read(Self.body(name, object: #"{"object":"transfer","id":7,"metadata":[]}"#))
        guard case .passedOver(_, let type) = content else {
            Issue.record("it is a notice")
            return
        }
        #expect(type == name)
    }

    @Test("a thin event of the second API is told apart")
    func thin() {
        let body = Array(#"{"object":"v2.core.event","id":"evt_1","type":"v1.billing.meter.no_meter_found"}"#.utf8)
        #expect(throws: StripeEventError.thin) { try StripeEvents.read(body) }
    }

    @Test("what is no event is refused, and its values are not repeated")
    func malformed() {
        for body in ["", "[]", "{}", #"{"object":"event"}"#, #"{"object":"charge","id":"sk_live_secret"}"#] {
            let error = #expect(throws: StripeEventError.self) { try StripeEvents.read(Array(body.utf8)) }
            #expect(error?.code == "stripe_event_malformed")
            #expect(error?.reason.contains("sk_live") == false)
        }
    }

    @Test("an object without an identifier is an event all the same")
    func balance() throws {
        let notice = try #require(try Self.notice("balance.available", object: #"{"object":"balance","available":[]}"#))
        #expect(notice.subject == .balance && notice.object == nil)
    }
}
