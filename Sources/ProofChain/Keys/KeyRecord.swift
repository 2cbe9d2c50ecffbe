/// A key over the whole life of a chain: its material, and when it was in force in which roles.
public struct KeyRecord: Hashable, Sendable {
    /// A time in which the roles of a key did not change.
    public struct Period: Hashable, Sendable {
        /// The roles that it was listed in.
        public let roles: KeyRoles
        /// `createdAt` of the operation that listed it so.
        public let from: Timestamp
        /// `createdAt` of the operation that ended it; nil while it lasts.
        public internal(set) var until: Timestamp?

        /// Whether the instant lies in it: the beginning does, the end does not.
        public func contains(_ instant: Timestamp) -> Bool {
            guard instant >= from else { return false }
            return until.map { instant < $0 } ?? true
        }
    }

    /// The key. Its material never changes under its name.
    public let key: Multikey
    /// The periods in order; none where only its name is known, of a key that is not listed now.
    public internal(set) var periods: [Period]

    /// Whether the head of the chain lists it.
    public var isCurrent: Bool { periods.last.map { $0.until == nil } ?? false }

    /// When it was taken from every role for the last time; nil while it is listed.
    public var retiredAt: Timestamp? { periods.last?.until }

    /// The roles at an instant; none when it was not listed.
    public func roles(at instant: Timestamp) -> KeyRoles {
        // Periods are in order: the last one that begins at or before the instant decides.
        var low = 0
        var high = periods.count
        while low < high {
            let middle = (low + high) / 2
            if periods[middle].from <= instant { low = middle + 1 } else { high = middle }
        }
        guard low > 0, periods[low - 1].contains(instant) else { return [] }
        return periods[low - 1].roles
    }
}
