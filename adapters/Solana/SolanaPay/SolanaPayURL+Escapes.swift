import Cryptography

extension SolanaPayURL {
    private static let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    /// Escapes everything but letters, digits and `-._~` (RFC 3986, section 2.3). A space is `%20`: readers differ on
    /// `+`.
    static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if unreserved.contains(byte) {
                bytes.append(byte)
            } else {
                bytes.append(0x25)
                bytes += Hex.encode([byte]).uppercased().utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Undoes escapes. In a query other encoders write a space as `+`.
    /// - Throws: `encodingInvalid`.
    static func decode(_ text: Substring, plusIsSpace: Bool) throws(SolanaPayError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x25:
                guard let escaped = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self)), escaped.count == 1
                else { throw .encodingInvalid }
                bytes += escaped
                rest = rest.dropFirst(2)
            case 0x2B where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .encodingInvalid }
        return decoded
    }
}
