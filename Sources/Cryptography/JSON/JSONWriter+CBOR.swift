extension JSONWriter {
    /// Writes a dag-cbor value. Byte strings and links, which JSON has not, are written as DAG-JSON does:
    /// `{"/":{"bytes":…}}` in base 64 without padding, and `{"/":"bafy…"}`.
    public mutating func value(_ value: CBORValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .int(let value): int(value)
        case .text(let value): string(value)
        case .array(let values):
            beginArray()
            for element in values { self.value(element) }
            endArray()
        case .map(let map):
            beginObject()
            for member in map.members {
                key(member.key)
                self.value(member.value)
            }
            endObject()
        case .bytes(let bytes):
            beginObject()
            object("/") { writer in
                let padded = Base64.encode(bytes)
                writer.field("bytes", String(padded.prefix { $0 != "=" }))
            }
            endObject()
        case .link(let cid):
            beginObject()
            field("/", cid)
            endObject()
        }
    }
}
