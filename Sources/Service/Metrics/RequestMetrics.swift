/// What a service counts of its requests. One per service; every instrument is made before it listens.
struct RequestMetrics: Sendable {
    /// The statuses that have a counter of their own; any other is counted as `other`.
    private static let statuses = [
        200, 201, 202, 204, 207, 301, 302, 303, 304, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 414, 415, 422,
        429, 431, 500, 501, 503,
    ]

    /// Requests being answered.
    let inFlight: Gauge
    /// Open connections.
    let connections: Gauge
    /// Per route, and one more for requests that matched none: a counter per status, the last one for the others.
    private let requests: [[Counter]]
    private let durations: [Histogram]
    private let slots: [UInt8]

    init(service: String, routes: [Route], registry: MetricsRegistry) {
        let service = (name: "service", value: service)
        inFlight = registry.gauge("mjn_http_requests_in_flight", "Requests being answered.", labels: [service])
        connections = registry.gauge("mjn_http_connections", "Open connections.", labels: [service])
        let places = routes.map { ($0.method.rawValue, $0.path) } + [("other", "none")]
        requests = places.map { method, path in
            (Self.statuses.map(String.init) + ["other"]).map { status in
                registry.counter(
                    "mjn_http_requests_total", "Requests answered, by route and status.",
                    labels: [service, ("method", method), ("route", path), ("status", status)])
            }
        }
        durations = places.map { method, path in
            registry.histogram(
                "mjn_http_request_duration_seconds", "From a request's header fields to its answer.",
                labels: [service, ("method", method), ("route", path)])
        }
        var slots = [UInt8](repeating: UInt8(Self.statuses.count), count: 600)
        for (slot, status) in Self.statuses.enumerated() { slots[status] = UInt8(slot) }
        self.slots = slots
    }

    /// Counts one answer.
    func record(route: Int?, status: Int, microseconds: Int64) {
        let place = route ?? requests.count - 1
        let slot = (0..<600).contains(status) ? Int(slots[status]) : Self.statuses.count
        requests[place][slot].increment()
        durations[place].observe(microseconds: microseconds)
    }
}
