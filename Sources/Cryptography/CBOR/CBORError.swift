/// Why dag-cbor bytes, or a value that was to become dag-cbor, were refused.
public enum CBORError: String, Error, Hashable, Sendable, CaseIterable {
    /// The bytes ended inside a value.
    case endUnexpected = "cbor_end_unexpected"
    /// There is something after the value.
    case trailingBytes = "cbor_trailing_bytes"
    /// An integer or length that is not written in the fewest bytes.
    case notShortest = "cbor_not_shortest"
    /// An indefinite length or a reserved length encoding.
    case lengthInvalid = "cbor_length_invalid"
    /// An integer beyond Int64.
    case integerOutOfRange = "cbor_integer_out_of_range"
    /// A floating-point number, or a JSON number that is no integer.
    case fractionRefused = "cbor_fraction_refused"
    /// A JSON number beyond ±(2^53 - 1), which not every reader holds exactly.
    case integerUnsafe = "cbor_integer_unsafe"
    /// A simple value other than false, true and null.
    case simpleValueInvalid = "cbor_simple_value_invalid"
    /// A tag other than 42, or 42 around something that is no CID.
    case tagInvalid = "cbor_tag_invalid"
    /// Text that is not UTF-8.
    case utf8Invalid = "cbor_utf8_invalid"
    /// A map key that is no text.
    case keyInvalid = "cbor_key_invalid"
    /// Map keys that are not in order, shorter first and then bytewise.
    case keysUnsorted = "cbor_keys_unsorted"
    /// A map with the same key twice.
    case duplicateKey = "cbor_duplicate_key"
    /// Nested deeper than the limit.
    case depthExceeded = "cbor_depth_exceeded"
    /// More elements and members than the limit.
    case itemsExceeded = "cbor_items_exceeded"
    /// Longer than the limit.
    case bytesExceeded = "cbor_bytes_exceeded"

    /// The stable name of the error.
    public var code: String { rawValue }
}
