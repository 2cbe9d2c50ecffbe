/// The webhooks that wait, and how each event's deliveries stand.
struct StripeEventQueue: Sendable {
    struct Delivery: Sendable {
        let id: Int
        let event: String
        let endpoint: String
        let attempt: Int
        let dueMs: Int64
        /// Decides among those due at one time.
        let order: Int
    }

    /// How an event's deliveries stand.
    struct Standing: Sendable {
        /// Deliveries that are still to succeed.
        var pendingCount = 0
        /// Some delivery will never succeed.
        var isFailed = false
        var isDelivered: Bool { pendingCount == 0 && !isFailed }
    }

    private(set) var waiting: [Delivery] = []
    private(set) var standings: [String: Standing] = [:]
    private var deliveryCount = 0

    /// Notes a delivery to come. `behind` puts it after so many that are noted later for the same time.
    mutating func add(_ event: String, to endpoint: String, attempt: Int = 1, dueMs: Int64, behind: Int = 0) {
        deliveryCount += 1
        waiting.append(
            Delivery(
                id: deliveryCount, event: event, endpoint: endpoint, attempt: attempt, dueMs: dueMs,
                order: deliveryCount * 2 + (behind == 0 ? 0 : behind * 2 + 1)))
        standings[event, default: Standing()].pendingCount += 1
    }

    /// Takes what is due by then, in the order of arrival; each counts as delivered.
    mutating func take(byMs nowMs: Int64) -> [Delivery] {
        guard waiting.contains(where: { $0.dueMs <= nowMs }) else { return [] }
        let due = waiting.filter { $0.dueMs <= nowMs }.sorted { ($0.dueMs, $0.order) < ($1.dueMs, $1.order) }
        waiting.removeAll { $0.dueMs <= nowMs }
        for delivery in due { standings[delivery.event]?.pendingCount -= 1 }
        return due
    }

    /// The event reaches no receiver, or not all of them.
    mutating func fail(_ event: String) { standings[event, default: Standing()].isFailed = true }
}
