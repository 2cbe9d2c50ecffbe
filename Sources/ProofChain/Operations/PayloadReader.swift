import Cryptography

/// Reads the members of a payload, each with its own refusal. Names and strings are compared as bytes; members that
/// nobody asks for are left alone.
struct PayloadReader {
    let root: JSONValue

    init(_ operation: SignedOperation) {
        root = operation.payload.root
    }

    init(_ root: JSONValue) {
        self.root = root
    }

    /// Refuses any `version` but the integer 1, which may be spelt `1.0` or `1e0`. Throws `versionInvalid`.
    func checkVersion() throws(ProofError) {
        guard root["version"]?.int64 == 1 else { throw ProofError(.versionInvalid) }
    }

    /// Refuses another `type`. Throws `typeInvalid`.
    func checkType(_ expected: String) throws(ProofError) {
        guard root["type"]?.stringEquals(expected) == true else { throw ProofError(.typeInvalid) }
    }

    /// Throws `memberInvalid` unless the member is a string.
    func string(_ name: String) throws(ProofError) -> String {
        guard let string = root[name]?.string else { throw ProofError(.memberInvalid, name) }
        return string
    }

    /// Nil when there is no such member; throws `memberInvalid` when it is no string.
    func optionalString(_ name: String) throws(ProofError) -> String? {
        guard let value = root[name] else { return nil }
        guard let string = value.string else { throw ProofError(.memberInvalid, name) }
        return string
    }

    /// Nil when the member is `null`; throws `memberInvalid` when it is missing or neither.
    func nullableString(_ name: String) throws(ProofError) -> String? {
        guard let value = root[name] else { throw ProofError(.memberInvalid, name) }
        if value.isNull { return nil }
        guard let string = value.string else { throw ProofError(.memberInvalid, name) }
        return string
    }

    /// Throws `memberInvalid` unless the member is a positive integer.
    func positiveInteger(_ name: String) throws(ProofError) -> Int64 {
        guard let value = root[name]?.int64, value > 0 else { throw ProofError(.memberInvalid, name) }
        return value
    }

    /// Throws `memberInvalid` unless the member is a string, `identifierInvalid` unless that is a DID.
    func did(_ name: String) throws(ProofError) -> DFOSDID {
        try DFOSDID(try string(name))
    }

    /// Throws `createdAtInvalid`.
    func createdAt() throws(ProofError) -> Timestamp {
        guard let bytes = root["createdAt"]?.stringBytes else { throw ProofError(.createdAtInvalid) }
        return try Timestamp(utf8: bytes)
    }

    /// The key list of a role. Throws `memberInvalid` unless it is an array of Multikey entries.
    func keys(_ name: String) throws(ProofError) -> [Multikey] {
        guard let list = root[name], list.kind == .array else { throw ProofError(.memberInvalid, name) }
        guard list.count <= ProofLimits.keysPerRole else { throw ProofError(.keysTooMany, name) }
        var keys: [Multikey] = []
        keys.reserveCapacity(list.count)
        for entry in list.elements {
            guard let id = entry["id"]?.string, entry["type"]?.stringEquals(Multikey.type) == true,
                let material = entry["publicKeyMultibase"]?.string
            else { throw ProofError(.memberInvalid, name) }
            keys.append(Multikey(id: KeyID(id), publicKeyMultibase: material))
        }
        return keys
    }
}
