/// A block of addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3).
public struct AddressRange: Sendable, Hashable {
    /// The lowest address.
    public let first: IPAddress
    /// How many leading bits all addresses of the block share.
    public let prefixLength: Int

    /// Reads `10.0.0.0/8`, `fc00::/7` or a single address; nil where it is none or has bits after the prefix.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
        let width = first.width
        var length = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[1]), number <= width
            else { return nil }
            length = number
        }
        guard first.bits & ~Self.mask(length, width: width) == 0 else { return nil }
        self.first = first
        prefixLength = length
    }

    /// Whether the address is of the block's family and in it.
    public func contains(_ address: IPAddress) -> Bool {
        address.width == first.width
            && address.bits & Self.mask(prefixLength, width: first.width) == first.bits
    }

    private static func mask(_ length: Int, width: Int) -> UInt128 {
        let ones = width == 128 ? UInt128.max : UInt128(UInt32.max)
        return length == 0 ? 0 : ones << UInt128(width - length) & ones
    }
}

extension IPAddress {
    /// Bits of its family.
    fileprivate var width: Int {
        if case .v4 = self { return 32 }
        return 128
    }

    /// The address as a number.
    fileprivate var bits: UInt128 {
        switch self {
        case .v4(let bits): UInt128(bits)
        case .v6(let bits): bits
        }
    }
}

extension AddressRange: CustomStringConvertible {
    /// CIDR notation.
    public var description: String { "\(first)/\(prefixLength)" }
}
