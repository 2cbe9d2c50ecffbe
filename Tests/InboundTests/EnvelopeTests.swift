import Cryptography
import Inbound
import Testing

/// What of a signed body is read before it is stored.
@Suite struct EnvelopeTests {
    private static func refusal(_ text: String) -> EventEnvelope.Refusal? {
        do throws(EventEnvelope.Refusal) {
            _ = try EventEnvelope(parsing: Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    private static let good = """
        {"id":"evt_1","object":"event","type":"charge.refunded","created":1800000000,"livemode":true,\
        "account":"acct_1","api_version":null,"data":{"object":{"id":"ch_1","object":"charge"}}}
        """

    @Test("an event says what, of which object, when, and of which account")
    func event() throws {
        let envelope = try EventEnvelope(parsing: Array(Self.good.utf8))
        #expect(envelope.id == "evt_1")
        #expect(envelope.type == "charge.refunded")
        #expect(envelope.objectID == "ch_1")
        #expect(envelope.objectType == "charge")
        #expect(envelope.createdMs == 1_800_000_000_000)
        #expect(envelope.livemode)
        #expect(envelope.account == "acct_1")
        #expect(envelope.apiVersion == nil)
    }

    @Test("an object without an id is an event all the same")
    func balance() throws {
        let text = Self.good.replacing(#""id":"ch_1","object":"charge""#, with: #""object":"balance""#)
        #expect(try EventEnvelope(parsing: Array(text.utf8)).objectID == nil)
    }

    @Test("an event of the second API is told apart")
    func thin() {
        let text =
            #"{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter","created":"2026-01-01T00:00:00Z"}"#
        #expect(Self.refusal(text) == .thin)
    }

    @Test(
        "what is no event is malformed",
        arguments: [
            ("", ""), ("{", ""), (#""id":"evt_1","#, ""), (#""evt_1""#, "7"), (#""evt_1""#, #""evt 1""#),
            (#""evt_1""#, #""\u0000""#), (#""evt_1""#, #""""#), (#""event""#, #""charge""#), ("1800000000", "-1"),
            ("1800000000", "1.5"), ("1800000000", "253402300800"), ("true", "1"), (#""acct_1""#, "[]"),
            (#""api_version":null"#, #""api_version":5"#), (#""ch_1""#, #""é""#),
            (#"{"id":"ch_1","object":"charge"}"#, "[]"),
            (#""livemode":true"#, #""livemode":true,"livemode":true"#),
        ])
    func malformed(part: String, instead: String) {
        let text = part.isEmpty ? instead : Self.good.replacing(part, with: instead)
        guard case .malformed(let reason) = Self.refusal(text) else {
            Issue.record("\(text) was taken")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("text is bounded, and so are depth and size")
    func bounds() {
        let long = String(repeating: "a", count: EventEnvelope.textMax)
        #expect(Self.refusal(Self.good.replacing("ch_1", with: long)) == nil)
        #expect(Self.refusal(Self.good.replacing("ch_1", with: long + "a")) != nil)
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(Self.refusal(Self.good.replacing(#""livemode":true"#, with: #""livemode":true,"x":\#(deep)"#)) != nil)
    }
}
