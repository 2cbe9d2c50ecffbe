/// What a `solana:` link asks for.
public enum SolanaPayURL: Hashable, Sendable {
    /// A payment that the wallet builds.
    case transfer(SolanaTransferRequest)
    /// A transaction that the wallet fetches from an https address and signs.
    case transaction(link: String)

    /// Longer links are refused: wallets and QR codes take about that much.
    public static let charactersMax = 2_048
    private static let scheme = "solana:"
    private static let linkScheme = "https://"

    /// Reads a link. Fields that are not known are passed over.
    /// - Throws: every ``SolanaPayError``.
    public init(_ text: String) throws(SolanaPayError) {
        guard text.utf8.count <= Self.charactersMax else { throw .tooLong }
        guard text.prefix(Self.scheme.count).lowercased() == Self.scheme else { throw .schemeInvalid }
        let rest = text.dropFirst(Self.scheme.count)
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        if parts[0].contains(where: { $0 == ":" || $0 == "%" }) {
            // A link with a query of its own is encoded as a whole; one without stands as it is.
            let link = parts[0].contains("%") ? try Self.decode(parts[0], plusIsSpace: false) : String(rest)
            self = .transaction(link: try Self.checked(link))
        } else {
            self = .transfer(try Self.transfer(parts[0], query: parts.count == 2 ? parts[1] : ""))
        }
    }

    /// The link.
    /// - Throws: `tooLong`; `linkInvalid` for a link that is not https.
    public func text() throws(SolanaPayError) -> String {
        let text: String
        switch self {
        case .transfer(let request): text = Self.text(request)
        case .transaction(let link):
            let checked = try Self.checked(link)
            text = Self.scheme + (checked.contains("?") || checked.contains("%") ? Self.encode(checked) : checked)
        }
        guard text.utf8.count <= Self.charactersMax else { throw .tooLong }
        return text
    }

    private static func checked(_ link: String) throws(SolanaPayError) -> String {
        guard link.hasPrefix(linkScheme), link.utf8.count > linkScheme.utf8.count,
            link.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .linkInvalid }
        return link
    }

    private static func text(_ request: SolanaTransferRequest) -> String {
        var fields: [(String, String)] = []
        if let amount = request.amount { fields.append(("amount", amount)) }
        if let token = request.token { fields.append(("spl-token", token.description)) }
        fields += request.references.map { ("reference", $0.description) }
        for (name, value) in [("label", request.label), ("message", request.message), ("memo", request.memo)] {
            if let value { fields.append((name, value)) }
        }
        let query = fields.map { "\($0)=\(encode($1))" }.joined(separator: "&")
        return scheme + request.recipient.description + (query.isEmpty ? "" : "?\(query)")
    }

    private static func transfer(
        _ recipient: Substring, query: Substring
    ) throws(SolanaPayError) -> SolanaTransferRequest {
        var single: [String: String] = [:]
        var references: [SolanaAddress] = []
        for field in query.split(separator: "&") {
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decode(pair[0], plusIsSpace: true)
            let value = pair.count == 2 ? try decode(pair[1], plusIsSpace: true) : ""
            switch name {
            case "reference": references.append(try address(value))
            case "amount", "spl-token", "label", "message", "memo":
                guard single.updateValue(value, forKey: name) == nil else { throw .fieldDuplicate }
            default: continue
            }
        }
        return try SolanaTransferRequest(
            recipient: try address(String(recipient)), amount: single["amount"],
            token: try optionalAddress(single["spl-token"]), references: references, label: single["label"],
            message: single["message"], memo: single["memo"])
    }

    private static func address(_ text: String) throws(SolanaPayError) -> SolanaAddress {
        guard let address = SolanaAddress(text) else { throw .addressInvalid }
        return address
    }

    private static func optionalAddress(_ text: String?) throws(SolanaPayError) -> SolanaAddress? {
        guard let text else { return nil }
        return try address(text)
    }
}
