import Cryptography
public import Kernel

/// A manifest's division for one right, with the reply's text around the amounts written beforehand.
public struct PreparedSplit: Sendable {
    /// The lines.
    public let plan: SplitPlan
    /// What stands before the first amount, between two, and after the last up to the fees: one more than there are
    /// lines.
    private let texts: [[UInt8]]
    private let textBytes: Int

    /// An amount's digits, at most.
    private static let amountBytesMax = 19
    /// Room for three fees.
    private static let feesBytes = 512

    /// Writes the text of a plan's lines.
    init(_ plan: SplitPlan) {
        self.plan = plan
        var texts: [[UInt8]] = []
        texts.reserveCapacity(plan.lines.count + 1)
        var text = Array("\"splits\":[".utf8)
        for (index, line) in plan.lines.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            var out = JSONWriter()
            out.beginObject()
            out.field("did", line.did)
            out.field("role", line.role)
            out.field("weight", line.weightText)
            out.key("amount")
            texts.append(text + out.bytes)
            var via = JSONWriter()
            via.beginArray()
            for cid in line.via { via.string(cid.string) }
            via.endArray()
            text = Array(",\"via\":".utf8) + via.bytes + [UInt8(ascii: "}")]
        }
        texts.append(text + Array("],\"fees\":".utf8))
        self.texts = texts
        textBytes = texts.reduce(0) { $0 + $1.count + Self.amountBytesMax } + Self.feesBytes
    }

    /// The `"splits":[…],"fees":[…]` members of a settlement's reply: the bytes of `SettlementReply.breakdown`.
    /// - Parameter split: a division made with this plan.
    public func breakdown(_ split: Split) -> [UInt8] {
        precondition(split.amountsMinor.count + 1 == texts.count, "a division made with another plan")
        var out: [UInt8] = []
        out.reserveCapacity(textBytes)
        for (text, amountMinor) in zip(texts, split.amountsMinor) {
            out.append(contentsOf: text)
            Self.append(amountMinor, to: &out)
        }
        out.append(contentsOf: texts[texts.count - 1])
        var fees = JSONWriter()
        fees.beginArray()
        for fee in split.feeLines {
            fees.beginObject()
            fees.field("kind", fee.kind.rawValue)
            fees.field("did", fee.did)
            fees.field("bps", fee.bps)
            fees.field("amount", fee.amountMinor)
            fees.endObject()
        }
        fees.endArray()
        out.append(contentsOf: fees.bytes)
        return out
    }

    /// Appends a decimal number of 0 or more.
    private static func append(_ number: Int64, to out: inout [UInt8]) {
        precondition(number >= 0, "a part is never negative")
        let start = out.count
        var rest = number
        repeat {
            out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        out[start...].reverse()
    }
}
