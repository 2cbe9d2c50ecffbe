/// Why a JSON text was refused, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// The text ended inside a value, or has none.
        case endUnexpected = "json_end_unexpected"
        /// A character that the grammar of RFC 8259 does not allow there.
        case characterUnexpected = "json_character_unexpected"
        /// Something after the value.
        case trailingCharacters = "json_trailing_characters"
        /// A byte sequence inside a string that is not UTF-8.
        case utf8Invalid = "json_utf8_invalid"
        /// A control character inside a string that is not escaped.
        case controlCharacter = "json_control_character"
        /// An escape that RFC 8259 does not know, or with a bad hexadecimal digit.
        case escapeInvalid = "json_escape_invalid"
        /// A UTF-16 surrogate in an escape without its other half.
        case surrogateUnpaired = "json_surrogate_unpaired"
        /// A number whose text has a leading zero, no digit where one must be, or too many characters.
        case numberInvalid = "json_number_invalid"
        /// A number beyond the range of an IEEE 754 double (RFC 7493 section 2.2).
        case numberOutOfRange = "json_number_out_of_range"
        /// An object with the same member name twice, escapes resolved.
        case duplicateKey = "json_duplicate_key"
        /// Nested deeper than the limit.
        case depthExceeded = "json_depth_exceeded"
        /// More members and elements than the limit.
        case membersExceeded = "json_members_exceeded"
        /// Longer than the limit.
        case bytesExceeded = "json_bytes_exceeded"
    }

    /// What was wrong.
    public let reason: Reason
    /// The byte offset at which it was found.
    public let offset: Int

    /// The stable name of the reason.
    public var code: String { reason.rawValue }

    /// The stable name and the offset.
    public var description: String { "\(reason.rawValue) at byte \(offset)" }
}
