import Cryptography
import Stripe
import Testing

@Suite("Stripe's objects")
struct ObjectTests {
    private static func fields(_ name: String) throws -> StripeFields {
        StripeFields(try #require(try Fixture.json("stripe-objects/objects.json")[name]))
    }

    static func fields(json: String) throws -> StripeFields { StripeFields(try JSONDocument(parsing: json).root) }

    @Test("Stripe's own example of each sort is read")
    func examples() throws {
        let intent = try StripePaymentIntent(Self.fields("payment_intent"))
        #expect(intent.id.text == "pi_1PgafyB7WZ01zgkWSjxsAJo3")
        #expect(intent.amount == 1099 && intent.currency == "usd")
        #expect(intent.status == .known(.requiresPaymentMethod))
        #expect(intent.createdAtMs == 1_234_567_890_000)
        let session = try StripeCheckoutSession(Self.fields("checkout.session"))
        #expect(session.status == .known(.open) && session.paymentStatus == .known(.unpaid))
        #expect(session.paymentIntent?.text == "pi_1PgafyB7WZ01zgkWSjxsAJo3")
        let charge = try StripeCharge(Self.fields("charge"))
        #expect(charge.balanceTransaction?.text == "txn_1PgaxNB7WZ01zgkWEV3TLf40")
        let line = try StripeBalanceTransaction(Self.fields("balance_transaction"))
        #expect(line.reportingCategory == "charge" && line.net == 100 && line.exchangeRateText == nil)
        let refund = try StripeRefund(Self.fields("refund"))
        #expect(refund.status == .known(.succeeded) && refund.charge?.text == "ch_1PgafuB7WZ01zgkWXYmPNZs8")
        let transfer = try StripeTransfer(Self.fields("transfer"))
        #expect(transfer.destination?.text == "acct_1PgafTB7WZ01zgkW" && transfer.reversals.data.isEmpty)
        let reversal = try StripeTransferReversal(Self.fields("transfer_reversal"))
        #expect(reversal.transfer.text.hasPrefix("tr_"))
        let account = try StripeAccount(Self.fields("account"))
        #expect(account.takesTransfers && !account.arePayoutsEnabled)
        #expect(account.requirements?.disabledReason == "requirements.past_due")
        #expect(account.requirements?.currentlyDue.contains("external_account") == true)
        #expect(try StripeAccountLink(Self.fields("account_link")).expiresAtMs == 1_234_567_890_000)
        #expect(try StripeLoginLink(Self.fields("login_link")).url.hasPrefix("https://"))
        let dispute = try StripeDispute(Self.fields("dispute"))
        #expect(dispute.status == .known(.warningNeedsResponse) && dispute.evidenceDueAtMs == 1_723_679_999_000)
        let payout = try StripePayout(Self.fields("payout"))
        #expect(payout.status == .known(.inTransit) && payout.reconciliationStatus == .known(.completed))
        #expect(try StripeBalance(Self.fields("balance")).available.first?.currency == "usd")
        #expect(try StripeEvent(Self.fields("event")).type == "plan.created")
    }

    @Test("a missing field is named", arguments: ["id", "amount", "currency", "net", "fee", "reporting_category"])
    func missing(name: String) throws {
        let example = try #require(try Fixture.json("stripe-objects/objects.json")["balance_transaction"])
        var writer = JSONWriter()
        writer.beginObject()
        for (key, value) in example.members where key != name { writer.field(key, raw: Array(value.rawBytes)) }
        writer.endObject()
        let error = #expect(throws: StripeDecodingError.self) {
            try StripeBalanceTransaction(StripeFields(try JSONDocument(parsing: writer.bytes).root))
        }
        #expect(error?.path == name)
    }

    @Test(
        "amounts are whole numbers, written as such",
        arguments: ["1.0", "1e2", "\"100\"", "9223372036854775808", "null"])
    func wholeNumbers(text: String) throws {
        #expect(throws: StripeDecodingError.self) {
            try StripeBalance.Part(Self.fields(json: #"{"amount":\#(text),"currency":"cad"}"#))
        }
        let good = try StripeBalance.Part(Self.fields(json: #"{"amount":-9223372036854775808,"currency":"cad"}"#))
        #expect(good.amount == .min)
    }

    @Test("a line whose net is not its amount less its fee is refused")
    func netMismatch() throws {
        let text = """
            {"object":"balance_transaction","id":"txn_1","amount":100,"fee":3,"net":98,"currency":"cad",
             "fee_details":[],"type":"charge","reporting_category":"charge","status":"pending","available_on":1,
             "created":1}
            """
        let error = #expect(throws: StripeDecodingError.self) {
            try StripeBalanceTransaction(Self.fields(json: text))
        }
        #expect(error?.path == "net")
    }

    @Test("a status that Stripe added is kept as its text")
    func openValues() {
        #expect(StripeOpen<StripePayout.Status>("on_hold") == .other("on_hold"))
        #expect(StripeOpen<StripePayout.Status>("paid") == .known(.paid))
        #expect(StripeOpen<StripePayout.Status>("on_hold").text == "on_hold")
    }

    @Test("a reference is read where the object stands whole in its place")
    func expanded() throws {
        let text = """
            {"object":"transfer_reversal","id":"trr_1","amount":1,"currency":"cad","created":1,
             "transfer":{"object":"transfer","id":"tr_9"},"metadata":null,"a_new_field":[1]}
            """
        #expect(try StripeTransferReversal(Self.fields(json: text)).transfer.text == "tr_9")
    }

    @Test("an object of another sort is refused")
    func otherSort() throws {
        let error = #expect(throws: StripeDecodingError.self) { try StripeRefund(Self.fields("charge")) }
        #expect(error?.description == "stripe_object_malformed: object is no refund")
    }

    @Test(
        "what could leave its place in a path is no identifier",
        arguments: ["", "a/b", "../x", "a?b", "a b", "ä", "a\n"])
    func identifiers(text: String) { #expect(StripeID(text) == nil) }
}
