import Cryptography

/// What is stored of a payment before its payer hears of it: the reference that finds it.
struct SolanaOpened {
    /// Random, of this payment alone.
    let reference: SolanaAddress

    private static let limits = JSONLimits(depth: 2, members: 4, bytes: 1_024)

    init(reference: SolanaAddress) { self.reference = reference }

    /// JSON.
    var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("reference", reference.description)
        writer.endObject()
        return writer.bytes
    }

    /// Reads what `bytes` wrote; nil where it is something else.
    init?(bytes: [UInt8]) {
        guard let root = try? JSONDocument(parsing: bytes, limits: Self.limits).root,
            let reference = root["reference"]?.string.flatMap({ SolanaAddress($0) })
        else { return nil }
        self.reference = reference
    }
}
