import Outbound
import Testing

@Suite("Names of events")
struct EventTypeTests {
    @Test("each kind of cause has a name, one that is new included")
    func names() {
        let table = [
            "settlement": "settlement.created", "refund": "refund.created", "fund": "balance.funded",
            "credit": "balance.credited", "hold": "hold.created", "hold_post": "hold.posted",
            "hold_void": "hold.voided", "hold_expire": "hold.expired", "gas": "gas.charged",
            "payment_succeeded": "payment.succeeded", "payout_in_transit": "payout.in_transit",
            "rail_refund_failed": "rail_refund.failed", "dispute_lost": "dispute.lost",
            "escrow_released": "escrow.released", "payee_verified": "payee.verified", "transfer": "transfer.created",
            "transfer_made": "transfer.made", "something_else": "entry.something_else",
        ]
        for (kind, name) in table {
            #expect(EventType.named(forKind: kind) == name)
            // Whatever is sent can be asked for.
            #expect(EventSubscription(name)?.includes(name) == true, "\(name)")
        }
    }

    @Test("a subscription is a type, a group or everything")
    func subscriptions() throws {
        let all = try #require(EventSubscription("*"))
        let group = try #require(EventSubscription("hold.*"))
        let one = try #require(EventSubscription("hold.posted"))
        #expect(all.includes("settlement.created") && all.includes("hold.posted"))
        #expect(group.includes("hold.posted") && group.includes("hold.voided") && !group.includes("holding.posted"))
        #expect(one.includes("hold.posted") && !one.includes("hold.voided"))
    }

    @Test(
        "what no event is named is refused",
        arguments: [
            "", ".", ".*", "*.*", "settlement", "settlement.", "settlement.crated", "settlement.created.", "nothing.*",
            "payment.", "payment.Succeeded", "payment.a b", "payment.a,b", "Settlement.created", "*,refund.*", " *",
        ])
    func unknown(pattern: String) { #expect(EventSubscription(pattern) == nil) }
}
