/// A token's own account: who may make more, and how many decimal places it has.
public struct SolanaMint: Hashable, Sendable {
    /// How many base units there are.
    public let supplyMinor: UInt64
    /// Decimal places.
    public let decimals: UInt8
    /// Who may make more; nil: nobody.
    public let mintAuthority: SolanaAddress?
    /// Who may freeze accounts; nil: nobody.
    public let freezeAuthority: SolanaAddress?
    /// The program that keeps it.
    public let program: SolanaAddress
    /// What it has beyond a plain mint, in the order of its account.
    public let extensions: [Extension]

    /// Something that the second token program adds to a mint or to an account.
    public struct Extension: Hashable, Sendable {
        /// Its number.
        public let type: UInt16
        /// Its data.
        public let data: [UInt8]
    }

    /// The bytes of one without extensions.
    static let byteCount = 82
    /// The type that stands behind the padding where there are extensions.
    static let typeByte: UInt8 = 1

    /// Reads an account; nil where it is no mint, or one that is not ready.
    public init?(_ account: SolanaAccount) {
        let data = account.data
        guard SolanaProgram.isToken(account.owner), data.count >= Self.byteCount, data[45] == 1,
            let supply = data.number(at: 36, as: UInt64.self),
            let mintAuthority = Self.optionalAddress(data, at: 0),
            let freezeAuthority = Self.optionalAddress(data, at: 46)
        else { return nil }
        guard let extensions = Self.extensions(data, program: account.owner) else { return nil }
        supplyMinor = supply
        decimals = data[44]
        self.mintAuthority = mintAuthority
        self.freezeAuthority = freezeAuthority
        program = account.owner
        self.extensions = extensions
    }

    /// A four-byte tag and an address; `.some(nil)` where the tag says that there is none, nil for another tag.
    private static func optionalAddress(_ data: [UInt8], at offset: Int) -> SolanaAddress?? {
        switch data.number(at: offset, as: UInt32.self) {
        case 0: .some(nil)
        case 1: data.address(at: offset + 4).map { .some($0) }
        default: nil
        }
    }

    private static func extensions(_ data: [UInt8], program: SolanaAddress) -> [Extension]? {
        if data.count == byteCount { return [] }
        let typeOffset = SolanaTokenAccount.byteCount
        guard program == SolanaProgram.token2022, data.count > typeOffset, data[typeOffset] == typeByte,
            data[byteCount..<typeOffset].allSatisfy({ $0 == 0 })
        else { return nil }
        return Extension.list(data, from: typeOffset + 1)
    }
}

extension SolanaMint.Extension {
    /// Type and length in two bytes each, then the data; type 0 ends the list. Nil where it is not so.
    static func list(_ data: [UInt8], from start: Int) -> [Self]? {
        var list: [Self] = []
        var offset = start
        while let type = data.number(at: offset, as: UInt16.self), type != 0 {
            guard let count = data.number(at: offset + 2, as: UInt16.self) else { return nil }
            let start = offset + 4
            guard start + Int(count) <= data.count else { return nil }
            list.append(Self(type: type, data: Array(data[start..<start + Int(count)])))
            offset = start + Int(count)
        }
        return list
    }
}
