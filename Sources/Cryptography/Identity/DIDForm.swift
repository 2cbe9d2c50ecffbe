extension DID {
    /// Which of the accepted forms an identifier has, and the grammar that tells.
    enum Form: Hashable, Sendable {
        case key
        case kind(DIDKind)
        case otherMethod

        static let imajinPrefix: StaticString = "did:imajin:"
        private static let didPrefix: StaticString = "did:"
        /// The longest `<id>` in `did:imajin:<kind>:<id>`, in characters.
        private static let kindIDCountMax = 128
        private static let colon: UInt8 = 0x3a

        /// Nil when the bytes are no identifier of any accepted form.
        init?(parsing bytes: UnsafeRawBufferPointer) {
            guard bytes.count <= DID.byteCountMax, Self.starts(bytes, with: Self.didPrefix) else { return nil }
            if Self.starts(bytes, with: Self.imajinPrefix) {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[Self.imajinPrefix.utf8CodeUnitCount...])
                if let key = Base58.decode32(rest) {
                    guard Ed25519Point.isCanonical(key), !Ed25519Point.isSmallOrder(key) else { return nil }
                    self = .key
                } else if let kind = Self.kind(rest) {
                    self = .kind(kind)
                } else {
                    return nil
                }
            } else {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[Self.didPrefix.utf8CodeUnitCount...])
                guard Self.isOtherMethod(rest) else { return nil }
                self = .otherMethod
            }
        }

        private static func starts(_ bytes: UnsafeRawBufferPointer, with prefix: StaticString) -> Bool {
            let count = prefix.utf8CodeUnitCount
            guard bytes.count > count, let base = bytes.baseAddress else { return false }
            return equalBytes(base.assumingMemoryBound(to: UInt8.self), prefix.utf8Start, count: count)
        }

        /// `<kind>:<id>`.
        private static func kind(_ bytes: UnsafeRawBufferPointer) -> DIDKind? {
            guard let colonIndex = bytes.firstIndex(of: colon) else { return nil }
            let id = bytes[(colonIndex + 1)...]
            guard (1...kindIDCountMax).contains(id.count), id.allSatisfy(isIDCharacter) else { return nil }
            return DIDKind(rawValue: String(decoding: bytes[..<colonIndex], as: UTF8.self))
        }

        /// `<method>:<method-specific-id>` of DID Core section 3.1, for a method other than `imajin`.
        private static func isOtherMethod(_ bytes: UnsafeRawBufferPointer) -> Bool {
            guard let colonIndex = bytes.firstIndex(of: colon), colonIndex > 0 else { return false }
            let method = bytes[..<colonIndex]
            let isMethodName = method.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
            // `did:imajin:` with nothing behind it must not pass as a foreign method.
            guard isMethodName, !method.elementsEqual("imajin".utf8) else { return false }
            var index = colonIndex + 1
            guard index < bytes.count, bytes[bytes.count - 1] != colon else { return false }
            while index < bytes.count {
                if bytes[index] == 0x25 {
                    guard index + 2 < bytes.count, Hex.value(bytes[index + 1]) != nil,
                        Hex.value(bytes[index + 2]) != nil
                    else { return false }
                    index += 3
                } else {
                    guard bytes[index] == colon || isIDCharacter(bytes[index]) else { return false }
                    index += 1
                }
            }
            return true
        }

        private static func isIDCharacter(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
            default: false
            }
        }
    }
}
