import Cryptography

/// What is stored before anything is sent: a call, and with a refund the transfers that are taken back before it.
struct StripePlan {
    let call: StripeCall
    var reversals: [StripeCall] = []

    private static let limits = JSONLimits(depth: 3, members: 2_000, bytes: 1 << 20)

    /// The call's own bytes where there is nothing else; the same bytes for the same plan.
    var bytes: [UInt8] {
        guard !reversals.isEmpty else { return call.bytes }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("call", String(decoding: call.bytes, as: UTF8.self))
        writer.array("reversals") { writer in
            for reversal in reversals { writer.string(String(decoding: reversal.bytes, as: UTF8.self)) }
        }
        writer.endObject()
        return writer.bytes
    }
}

extension StripePlan {
    /// Reads what `bytes` wrote; nil where it is something else.
    init?(bytes: [UInt8]) {
        if let call = StripeCall(bytes: bytes) {
            self.init(call: call)
            return
        }
        guard let root = try? JSONDocument(parsing: bytes, limits: Self.limits).root,
            let call = root["call"]?.string.flatMap({ StripeCall(bytes: Array($0.utf8)) }),
            let texts = root["reversals"], texts.kind == .array
        else { return nil }
        var reversals: [StripeCall] = []
        for text in texts.elements {
            guard let reversal = text.string.flatMap({ StripeCall(bytes: Array($0.utf8)) }) else { return nil }
            reversals.append(reversal)
        }
        self.init(call: call, reversals: reversals)
    }
}
