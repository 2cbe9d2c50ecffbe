/// Reads `Idempotency-Key`: 1 to 255 visible ASCII characters, either bare or as a quoted string of RFC 8941
/// (draft-ietf-httpapi-idempotency-key-header); both forms of a key are the same key.
package enum IdempotencyKey {
    /// The key without quotes.
    ///
    /// - Throws: `idempotency_key_invalid`.
    package static func parse(_ value: String) throws(Problem) -> String {
        let bytes = Array(value.utf8)
        guard bytes.first == UInt8(ascii: "\"") else {
            guard isKey(bytes) else { throw refusal }
            return value
        }
        guard bytes.count >= 3, bytes.last == UInt8(ascii: "\"") else { throw refusal }
        var key: [UInt8] = []
        var index = 1
        while index < bytes.count - 1 {
            var byte = bytes[index]
            if byte == UInt8(ascii: "\\") {
                index += 1
                guard index < bytes.count - 1 else { throw refusal }
                byte = bytes[index]
                guard byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\"") else { throw refusal }
            } else if byte == UInt8(ascii: "\"") {
                throw refusal
            }
            key.append(byte)
            index += 1
        }
        guard isKey(key) else { throw refusal }
        return String(decoding: key, as: UTF8.self)
    }

    private static func isKey(_ bytes: [UInt8]) -> Bool {
        (1...ServiceLimits.idempotencyKey).contains(bytes.count) && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static var refusal: Problem {
        Problem(.idempotencyKeyInvalid, "Idempotency-Key is 1 to 255 visible ASCII characters, bare or quoted")
    }
}
