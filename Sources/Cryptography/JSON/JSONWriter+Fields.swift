/// A member in one call.
extension JSONWriter {
    /// Writes a member with a string.
    public mutating func field(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    /// Writes a member with a string, or `null`.
    public mutating func field(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    /// Writes a member with an integer.
    public mutating func field(_ name: String, _ value: Int64) {
        key(name)
        int(value)
    }

    /// Writes a member with an integer, or `null`.
    public mutating func field(_ name: String, _ value: Int64?) {
        key(name)
        if let value { int(value) } else { null() }
    }

    /// Writes a member with an integer.
    public mutating func field(_ name: String, _ value: Int) {
        key(name)
        int(value)
    }

    /// Writes a member with a truth value.
    public mutating func field(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// Writes a member with a DID.
    public mutating func field(_ name: String, _ value: DID) {
        key(name)
        string(value.string)
    }

    /// Writes a member with a CID.
    public mutating func field(_ name: String, _ value: CID) {
        key(name)
        string(value.string)
    }

    /// Writes a member with an array of strings.
    public mutating func field(_ name: String, _ values: [String]) {
        key(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    /// Writes a member whose value is JSON already.
    public mutating func field(_ name: String, raw json: some ByteSource) {
        key(name)
        raw(json)
    }

    /// Writes a member with an object; `body` writes its members.
    public mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
        key(name)
        beginObject()
        body(&self)
        endObject()
    }

    /// Writes a member with an array; `body` writes its elements.
    public mutating func array(_ name: String, _ body: (inout JSONWriter) -> Void) {
        key(name)
        beginArray()
        body(&self)
        endArray()
    }
}
