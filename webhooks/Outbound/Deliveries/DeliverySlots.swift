/// How many attempts are under way in this process, and how many more may be. A value.
///
/// An endpoint has two slots, one while it is failing; failing endpoints share half of all. A receiver that hangs keeps
/// its own slots and nobody else's, and many of them keep half of all at most.
struct DeliverySlots: Sendable {
    /// Attempts at the same time to one endpoint.
    static let perEndpoint = 2
    static let perFailingEndpoint = 1
    /// Attempts at the same time in all: a thread serves them, some kilobytes each.
    static let healthyMax = 32
    static let failingMax = 32

    /// By endpoint.
    private(set) var underWay: [String: Int] = [:]
    private var failing = 0
    private var healthy = 0

    var freeHealthy: Int { Self.healthyMax - healthy }
    var freeFailing: Int { Self.failingMax - failing }
    var isEmpty: Bool { underWay.isEmpty }

    mutating func take(_ endpoint: String, isFailing: Bool) {
        underWay[endpoint, default: 0] += 1
        if isFailing { failing += 1 } else { healthy += 1 }
    }

    mutating func give(_ endpoint: String, isFailing: Bool) {
        guard let count = underWay[endpoint] else { preconditionFailure("a slot is given back once") }
        underWay[endpoint] = count == 1 ? nil : count - 1
        if isFailing { failing -= 1 } else { healthy -= 1 }
    }
}
