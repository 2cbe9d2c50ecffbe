/// Who is next: requests in the order they came, past those whose origin is busy. A value that decides.
package struct RequestQueue<ID: Hashable> {
    private let inFlightMax: Int
    private let perOriginMax: Int
    private var waiting: [(id: ID, origin: String)] = []
    private var running: [ID: String] = [:]
    private var runningPerOrigin: [String: Int] = [:]

    package init(inFlightMax: Int, perOriginMax: Int) {
        self.inFlightMax = inFlightMax
        self.perOriginMax = perOriginMax
    }

    /// How many have their turn.
    package var inFlight: Int { running.count }

    /// Puts a request at the end.
    package mutating func append(_ id: ID, origin: String) { waiting.append((id, origin)) }

    /// The requests whose turn it is now, in order; they count as running from here on.
    package mutating func admit() -> [ID] {
        guard running.count < inFlightMax, !waiting.isEmpty else { return [] }
        var admitted: [ID] = []
        var kept: [(id: ID, origin: String)] = []
        for (index, entry) in waiting.enumerated() {
            guard running.count < inFlightMax else {
                kept += waiting[index...]
                break
            }
            guard runningPerOrigin[entry.origin, default: 0] < perOriginMax else {
                kept.append(entry)
                continue
            }
            running[entry.id] = entry.origin
            runningPerOrigin[entry.origin, default: 0] += 1
            admitted.append(entry.id)
        }
        waiting = kept
        return admitted
    }

    /// Takes a request out, whether it waits or runs.
    package mutating func remove(_ id: ID) {
        guard let origin = running.removeValue(forKey: id) else {
            waiting.removeAll { $0.id == id }
            return
        }
        let left = runningPerOrigin[origin, default: 1] - 1
        runningPerOrigin[origin] = left > 0 ? left : nil
    }
}
