package import NIOHTTP1

/// The header fields that the service itself reads, picked out in one pass over what arrived.
package final class RequestFields: Sendable {
    package let host: String?
    package let contentType: String?
    package let contentLength: Int?
    package let contentDigest: String?
    package let idempotencyKey: String?
    package let signature: String?
    package let signatureInput: String?
    package let traceparent: String?
    package let expectsContinue: Bool
    package let hasUpgrade: Bool
    /// A field that must stand once and stands twice.
    package let duplicate: String?

    package init(_ headers: HTTPHeaders) {
        var found = Found()
        for (name, value) in headers { found.take(name, value) }
        host = found.host
        contentType = found.contentType
        contentLength = found.contentLength
        contentDigest = found.contentDigest
        idempotencyKey = found.idempotencyKey
        signature = found.signature
        signatureInput = found.signatureInput
        traceparent = found.traceparent
        expectsContinue = found.expectsContinue
        hasUpgrade = found.hasUpgrade
        duplicate = found.duplicate
    }
}

private struct Found {
    var host: String?
    var contentType: String?
    var contentLength: Int?
    var contentDigest: String?
    var idempotencyKey: String?
    var signature: String?
    var signatureInput: String?
    var traceparent: String?
    var expectsContinue = false
    var hasUpgrade = false
    var duplicate: String?

    mutating func take(_ name: String, _ value: String) {
        switch name.utf8.count {
        case 4 where name.matches("host"):
            if host == nil { host = value } else { duplicate = "Host" }
        case 6 where name.matches("expect"): expectsContinue = value.lowercased() == "100-continue"
        case 7 where name.matches("upgrade"): hasUpgrade = true
        case 9 where name.matches("signature"):
            if signature == nil { signature = value } else { duplicate = "Signature" }
        case 11 where name.matches("traceparent"): traceparent = value
        case 12 where name.matches("content-type"):
            if contentType == nil { contentType = value } else { duplicate = "Content-Type" }
        case 14 where name.matches("content-digest"):
            if contentDigest == nil { contentDigest = value } else { duplicate = "Content-Digest" }
        case 14 where name.matches("content-length"): contentLength = Int(value)
        case 15 where name.matches("idempotency-key"):
            if idempotencyKey == nil { idempotencyKey = value } else { duplicate = "Idempotency-Key" }
        case 15 where name.matches("signature-input"):
            if signatureInput == nil { signatureInput = value } else { duplicate = "Signature-Input" }
        default: break
        }
    }
}

extension String {
    /// Compares with a lower-case ASCII name, ignoring the case of ASCII letters.
    func matches(_ lowercased: StaticString) -> Bool {
        var copy = self
        return copy.withUTF8 { bytes in
            guard bytes.count == lowercased.utf8CodeUnitCount else { return false }
            let expected = lowercased.utf8Start
            for index in 0..<bytes.count {
                let byte = bytes[index]
                let lower = byte &- 65 < 26 ? byte | 0x20 : byte
                if lower != expected[index] { return false }
            }
            return true
        }
    }
}
