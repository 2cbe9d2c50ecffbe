/// The addresses of names that were looked up lately, so that a kept connection is not slowed by a lookup per request.
///
/// The addresses are as they were found: they are judged each time they are used.
struct AddressCache {
    private struct Entry {
        let addresses: [IPAddress]
        let expiresAt: ContinuousClock.Instant
    }

    /// Names; past that all are forgotten, which costs a lookup each.
    static let namesMax = 256

    private let keptFor: Duration
    private var entries: [String: Entry] = [:]

    /// - Parameter keptFor: zero keeps nothing.
    init(keptFor: Duration) { self.keptFor = keptFor }

    func addresses(of host: String, now: ContinuousClock.Instant) -> [IPAddress]? {
        guard let entry = entries[host], now < entry.expiresAt else { return nil }
        return entry.addresses
    }

    mutating func keep(_ addresses: [IPAddress], of host: String, now: ContinuousClock.Instant) {
        guard keptFor > .zero else { return }
        if entries.count >= Self.namesMax { entries.removeAll() }
        entries[host] = Entry(addresses: addresses, expiresAt: now + keptFor)
    }

    /// After a connection failed: the name may have moved.
    mutating func forget(_ host: String) { entries[host] = nil }
}
