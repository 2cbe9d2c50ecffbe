import Cryptography

/// Reads the parts of a stored value, each nil when it is something else.
struct StoredValue {
    let value: CBORValue

    init(_ value: CBORValue) {
        self.value = value
    }

    subscript(name: String) -> StoredValue? { value[name].map { StoredValue($0) } }

    var int: Int64? {
        if case .int(let int) = value { return int }
        return nil
    }

    var bool: Bool? {
        if case .bool(let bool) = value { return bool }
        return nil
    }

    var text: String? {
        if case .text(let text) = value { return text }
        return nil
    }

    var link: CID? {
        if case .link(let cid) = value { return cid }
        return nil
    }

    var array: [StoredValue]? {
        if case .array(let values) = value { return values.map { StoredValue($0) } }
        return nil
    }

    var time: Timestamp? { int.flatMap { try? Timestamp(millisecondsSinceEpoch: $0) } }

    /// Null is the time that is none; nil when it is neither.
    var optionalTime: Timestamp?? {
        if case .null = value { return .some(nil) }
        return time.map { .some($0) }
    }
}
