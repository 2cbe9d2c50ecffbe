/// Deterministic CBOR of the IPLD data model (dag-cbor; RFC 8949 section 4.2.3 key order), without floating point.
///
/// One value has one encoding: definite lengths, the fewest bytes, text keys in order, tag 42 for links and no other
/// tag.
public enum DAGCBOR {
    /// The tag of a link.
    static let linkTag: UInt64 = 42
    /// What stands before the CID inside a link: the mark of binary in multibase.
    static let identityMultibase: UInt8 = 0
    /// The integers that every JSON reader holds exactly: ±(2^53 - 1) (RFC 8259 section 6).
    private static let safeIntegers: ClosedRange<Int64> = -9_007_199_254_740_991...9_007_199_254_740_991

    /// Returns the bytes of a value.
    public static func encode(_ value: CBORValue) -> [UInt8] {
        var writer = DAGCBORWriter()
        writer.value(value)
        return writer.bytes
    }

    /// Reads a value. Throws ``CBORError`` for anything that ``encode(_:)`` would not have written for it.
    public static func decode(_ bytes: some ByteSource, limits: CBORLimits = .request) throws(CBORError) -> CBORValue {
        let result: Result<CBORValue, CBORError> = bytes.withByteBuffer { source in
            var decoder = DAGCBORDecoder(source, limits: limits)
            do throws(CBORError) {
                return .success(try decoder.decode())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Returns the dag-cbor bytes of a JSON value, as ``encode(_:)`` of ``fromJSON(_:)`` would, without the values in
    /// between and without recursion.
    ///
    /// `omitted` members of the value itself, not those further in, are left out. Throws `fractionRefused` or
    /// `integerUnsafe`.
    public static func encode(json value: JSONValue, omitting omitted: [String] = []) throws(CBORError) -> [UInt8] {
        let result: Result<[UInt8], CBORError> = value.storage.bytes.withUnsafeBufferPointer { text in
            value.storage.nodes.withUnsafeBufferPointer { nodes in
                var encoder = JSONToDAGCBOR(text: text, nodes: nodes, reserving: value.rawRange.count)
                do throws(CBORError) {
                    try encoder.encode(value.index, omitting: omitted)
                } catch {
                    return .failure(error)
                }
                return .success(encoder.bytes)
            }
        }
        return try result.get()
    }

    /// The dag-cbor value of a JSON value: numbers must be integers by their exact value, at most ±(2^53 - 1).
    ///
    /// `1.0` and `1e0` are 1. Throws `fractionRefused` or `integerUnsafe`. Member names are distinct already, by the
    /// parser.
    public static func fromJSON(_ value: JSONValue) throws(CBORError) -> CBORValue {
        switch value.kind {
        case .null: return .null
        case .bool: return .bool(value.bool ?? false)
        case .string: return .text(value.string ?? "")
        case .number: return .int(try integer(value))
        case .array:
            var elements: [CBORValue] = []
            elements.reserveCapacity(value.count)
            for element in value.elements { elements.append(try fromJSON(element)) }
            return .array(elements)
        case .object:
            var members: [(String, CBORValue)] = []
            members.reserveCapacity(value.count)
            for (key, member) in value.members { members.append((key, try fromJSON(member))) }
            return .map(try CBORMap(members))
        }
    }

    private static func integer(_ value: JSONValue) throws(CBORError) -> Int64 {
        guard let number = value.decimal else { throw .fractionRefused }
        return try integer(number)
    }

    /// The integer that a JSON number is. Throws `fractionRefused` or `integerUnsafe`.
    static func integer(_ number: DecimalNumber) throws(CBORError) -> Int64 {
        guard let integer = number.int64 else { throw number.isInteger ? .integerUnsafe : .fractionRefused }
        guard safeIntegers.contains(integer) else { throw .integerUnsafe }
        return integer
    }
}
