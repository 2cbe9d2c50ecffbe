/// A bounded memory of what was used lately: of two generations the older is dropped when the younger has taken half of
/// the bound, and what is used of the older moves to the younger.
///
/// The bound is a weight: one for each value, unless a value is said to weigh more. A value that is more than half of
/// the bound has a generation to itself.
struct TwoGenerations<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let value: Value
        let weight: Int
    }

    private var young: [Key: Entry] = [:]
    private var old: [Key: Entry] = [:]
    private var youngWeight = 0
    private let halfWeight: Int

    init(countMax: Int) {
        precondition(countMax >= 2, "a memory that keeps nothing")
        halfWeight = countMax / 2
    }

    var count: Int { young.count + old.count }

    mutating func value(_ key: Key) -> Value? {
        if let entry = young[key] { return entry.value }
        guard let entry = old.removeValue(forKey: key) else { return nil }
        insert(entry.value, for: key, weight: entry.weight)
        return entry.value
    }

    mutating func insert(_ value: Value, for key: Key, weight: Int = 1) {
        remove(key)
        if youngWeight + weight > halfWeight, !young.isEmpty {
            old = young
            (young, youngWeight) = ([:], 0)
        }
        young[key] = Entry(value: value, weight: weight)
        youngWeight += weight
    }

    mutating func remove(_ key: Key) {
        if let entry = young.removeValue(forKey: key) { youngWeight -= entry.weight }
        old[key] = nil
    }
}
