/// A bounded memory of what was used lately: of two generations the older is dropped when the younger has taken half of
/// the bound, and what is used of the older moves to the younger.
struct TwoGenerations<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let halfCount: Int

    init(countMax: Int) {
        precondition(countMax >= 2, "a memory that keeps nothing")
        halfCount = countMax / 2
    }

    var count: Int { young.count + old.count }

    mutating func value(_ key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    mutating func insert(_ value: Value, for key: Key) {
        if young.count >= halfCount, young[key] == nil {
            old = young
            young = [:]
        }
        young[key] = value
    }

    mutating func remove(_ key: Key) {
        young[key] = nil
        old[key] = nil
    }
}
