/// Every key that a chain has ever listed, in the order of first appearance.
///
/// It grows with what the operations themselves list, so that reading a chain stays linear in its size.
public struct KeyHistory: Hashable, Sendable {
    /// The keys.
    public private(set) var records: [KeyRecord]

    private var positions: [KeyID: Int]
    /// The positions of the keys that the head lists.
    private var current: [Int]

    init() {
        records = []
        positions = [:]
        current = []
    }

    /// Takes records that were stored; nil when they are not such a history.
    init?(stored records: [KeyRecord]) {
        self.init()
        for record in records {
            guard positions.updateValue(self.records.count, forKey: record.key.id) == nil, !record.periods.isEmpty
            else { return nil }
            var previousEnd: Timestamp?
            for (index, period) in record.periods.enumerated() {
                guard !period.roles.isEmpty, previousEnd.map({ $0 <= period.from }) ?? true else { return nil }
                if let until = period.until {
                    guard period.from < until else { return nil }
                } else if index != record.periods.count - 1 {
                    return nil
                }
                previousEnd = period.until
            }
            if record.isCurrent { current.append(self.records.count) }
            self.records.append(record)
        }
    }

    /// The record of a name; nil when the chain never listed it.
    public subscript(id: KeyID) -> KeyRecord? {
        positions[id].map { records[$0] }
    }

    /// The history of some keys in the order given, each once and with the last of its periods.
    func only(_ keys: [Multikey]) -> KeyHistory {
        var some = KeyHistory()
        for key in keys where some.positions[key.id] == nil {
            guard let place = positions[key.id] else { continue }
            some.append(KeyRecord(key: records[place].key, periods: records[place].periods.suffix(1)))
        }
        return some
    }

    /// Takes a key that was listed once, at times that are not known here; one that is here stays as it is.
    mutating func remember(_ key: Multikey) {
        guard positions[key.id] == nil else { return }
        positions[key.id] = records.count
        records.append(KeyRecord(key: key, periods: []))
    }

    private mutating func append(_ record: KeyRecord) {
        positions[record.key.id] = records.count
        if record.isCurrent { current.append(records.count) }
        records.append(record)
    }

    /// Refuses a set that gives a known name other material, or one name two. Throws `keyMaterialChanged`.
    func check(_ keys: KeySet) throws(ProofError) {
        var incoming: [KeyID: Multikey] = [:]
        for role in KeyRoles.each {
            for key in keys[role] {
                let known = positions[key.id].map { records[$0].key } ?? incoming.updateValue(key, forKey: key.id)
                if let known, !known.isSameMaterial(as: key) {
                    throw ProofError(.keyMaterialChanged, key.id.string)
                }
            }
        }
    }

    /// Notes that the set is in force from an instant on. The set has passed ``check(_:)``.
    mutating func advance(to keys: KeySet, at instant: Timestamp) {
        var roles: [KeyID: KeyRoles] = [:]
        var order: [Multikey] = []
        for role in KeyRoles.each {
            for key in keys[role] where roles.updateValue((roles[key.id] ?? []).union(role), forKey: key.id) == nil {
                order.append(key)
            }
        }
        for position in current {
            guard let last = records[position].periods.indices.last else { continue }
            let key = records[position].key
            if let kept = roles[key.id], kept == records[position].periods[last].roles {
                roles[key.id] = nil
            } else {
                records[position].periods[last].until = instant
            }
        }
        current.removeAll { !records[$0].isCurrent }
        for key in order {
            guard let roles = roles[key.id] else { continue }
            let period = KeyRecord.Period(roles: roles, from: instant, until: nil)
            if let position = positions[key.id] {
                records[position].periods.append(period)
                current.append(position)
            } else {
                positions[key.id] = records.count
                current.append(records.count)
                records.append(KeyRecord(key: key, periods: [period]))
            }
        }
    }

    /// Whether both hold the same records.
    public static func == (left: KeyHistory, right: KeyHistory) -> Bool { left.records == right.records }

    /// Hashes the records.
    public func hash(into hasher: inout Hasher) { hasher.combine(records) }
}
