/// An address lookup table: accounts on the chain that a message of version 0 names by one byte.
public struct SolanaLookupTable: Hashable, Sendable {
    /// The table.
    public let address: SolanaAddress
    /// What stands in it, in order.
    public let addresses: [SolanaAddress]
    /// The slot in which it was last made longer; what was added may be used in a later one only.
    public let lastExtendedSlot: UInt64
    /// Who may change it; nil: nobody.
    public let authority: SolanaAddress?

    /// The first byte of the first address in the account.
    static let headerByteCount = 56
    /// The slot that says that it is in use.
    private static let neverDeactivated = UInt64.max

    private let positions: [SolanaAddress: UInt8]

    /// A table.
    public init(
        address: SolanaAddress, addresses: [SolanaAddress], lastExtendedSlot: UInt64 = 0,
        authority: SolanaAddress? = nil
    ) {
        self.address = address
        self.addresses = addresses
        self.lastExtendedSlot = lastExtendedSlot
        self.authority = authority
        positions = Dictionary(
            addresses.prefix(SolanaWireLimits.tableAddressesMax).enumerated().map { ($1, UInt8($0)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Reads an account's data; nil where it is no table, or one that is being closed.
    public init?(address: SolanaAddress, accountData data: [UInt8]) {
        guard data.count >= Self.headerByteCount, (data.count - Self.headerByteCount).isMultiple(of: 32),
            data.number(at: 0, as: UInt32.self) == 1, data.number(at: 4, as: UInt64.self) == Self.neverDeactivated,
            data[21] <= 1, let authority = data.address(at: 22), let slot = data.number(at: 12, as: UInt64.self)
        else { return nil }
        let starts = stride(from: Self.headerByteCount, to: data.count, by: SolanaAddress.byteCount)
        guard starts.underestimatedCount <= SolanaWireLimits.tableAddressesMax else { return nil }
        self.init(
            address: address, addresses: starts.compactMap { data.address(at: $0) }, lastExtendedSlot: slot,
            authority: data[21] == 1 ? authority : nil)
    }

    /// Where an address stands.
    func index(of address: SolanaAddress) -> UInt8? { positions[address] }
}

extension [UInt8] {
    /// The little-endian number that begins there; nil past the end.
    func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type) -> Number? {
        guard offset >= 0, offset + MemoryLayout<Number>.size <= count else { return nil }
        return withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
    }

    /// The address that begins there; nil past the end.
    func address(at offset: Int) -> SolanaAddress? {
        guard offset >= 0, offset + SolanaAddress.byteCount <= count else { return nil }
        return SolanaAddress(bytes: self[offset..<offset + SolanaAddress.byteCount])
    }
}
