/// The parts of a `Stripe-Signature` header: `t=<seconds>,v1=<hex>[,v1=<hex>…][,v0=<hex>…]`.
struct SignatureHeader {
    /// The time as it was written, which is what was signed.
    let time: String
    /// The time, Unix seconds.
    let seconds: Int64
    /// The signatures of scheme `v1`; others are ignored, so that a new scheme can be sent beside the old one.
    let signatures: [String]

    /// Reads a header within the limits.
    init(parsing header: String) throws(StripeSignature.Refusal) {
        guard header.utf8.count <= StripeSignature.headerBytesMax else { throw .invalid("the header is too long") }
        var time: String?
        var signatures: [String] = []
        let parts = header.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= StripeSignature.partsMax else { throw .invalid("the header has too many parts") }
        for part in parts {
            guard let equals = part.firstIndex(of: "=") else { throw .invalid("a part of the header has no value") }
            let value = String(part[part.index(after: equals)...])
            switch part[..<equals] {
            case "t":
                guard time == nil else { throw .invalid("the header has two times") }
                time = value
            case "v1": signatures.append(value)
            default: break
            }
        }
        guard let time else { throw .invalid("the header has no time") }
        // Digits only, as many as a time of this age of the world can have.
        guard (1...12).contains(time.utf8.count), time.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(time)
        else { throw .invalid("the header's time is no number of seconds") }
        guard !signatures.isEmpty else { throw .invalid("the header has no signature of scheme v1") }
        self.time = time
        self.seconds = seconds
        self.signatures = signatures
    }
}
