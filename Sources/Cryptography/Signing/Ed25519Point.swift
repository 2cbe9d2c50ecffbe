import CSodium

/// Checks on the 32-byte encoding of a point of edwards25519 (RFC 8032 section 5.1.2).
public enum Ed25519Point {
    /// Whether the bytes decode to a point of the curve, whatever its order. False unless there are 32 bytes.
    ///
    /// This is the question that Solana's program-derived addresses ask: such an address must lie off the curve.
    public static func isOnCurve(_ bytes: some ByteSource) -> Bool {
        Sodium.prepare()
        return bytes.withByteBuffer { point in
            guard point.count == Bytes32.byteCount else { return false }
            // libsodium decodes both summands before it adds, and says so when one of them is no point.
            var neutral = Bytes32()
            neutral.withUnsafeMutableBytes { $0[0] = 1 }
            var sum = Bytes32()
            return neutral.withUnsafeBytes { neutralBytes in
                sum.withUnsafeMutableBytes { sumBytes in
                    guard let sumBase = sumBytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                        let pointBase = point.baseAddress?.assumingMemoryBound(to: UInt8.self),
                        let neutralBase = neutralBytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    else { return false }
                    return crypto_core_ed25519_add(sumBase, pointBase, neutralBase) == 0
                }
            }
        }
    }

    /// The bits of y in the most significant of its four words; the bit above is the sign of x.
    private static let yMask: UInt64 = 0x7fff_ffff_ffff_ffff

    /// Whether y, without the sign bit of x, is below p = 2^255 - 19.
    static func isCanonical(_ encoding: Bytes32) -> Bool {
        let words = encoding.littleEndianWords
        let ones = UInt64.max
        guard words.3 & yMask == yMask, words.2 == ones, words.1 == ones else { return true }
        return words.0 < 0xffff_ffff_ffff_ffed
    }

    /// Whether a canonical encoding names one of the eight points of small order.
    ///
    /// Their y coordinates are 0 (order 4), 1 (order 1), p - 1 (order 2) and two of order 8, whatever the sign of x.
    static func isSmallOrder(_ encoding: Bytes32) -> Bool {
        let words = encoding.littleEndianWords
        let top = words.3 & yMask
        switch words.0 {
        case 0, 1:
            return words.1 == 0 && words.2 == 0 && top == 0
        case 0xffff_ffff_ffff_ffec:
            return words.1 == UInt64.max && words.2 == UInt64.max && top == yMask
        case 0xb027_b2c2_8f95_e826:
            return words.1 == 0xf098_eff2_89f4_c345 && words.2 == 0x3933_c6d3_05ac_dfd5
                && top == 0x05fc_536d_8802_38b1
        case 0x4fd8_4d3d_706a_17c7:
            return words.1 == 0x0f67_100d_760b_3cba && words.2 == 0xc6cc_392c_fa53_202a
                && top == 0x7a03_ac92_77fd_c74e
        default:
            return false
        }
    }
}
