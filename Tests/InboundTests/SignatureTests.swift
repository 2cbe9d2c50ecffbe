import Cryptography
import Foundation
import Inbound
import Testing

/// Stripe's signatures: what its own library says, and where we say otherwise.
@Suite struct SignatureTests {
    private struct Vectors: Decodable {
        struct Case: Decodable {
            let name: String
            let payload: String
            let header: String
            let secret: String
            let now: Int64
            let tolerance: Int64
            let result: String
        }

        let cases: [Case]
    }

    private static func vectors() throws -> [Vectors.Case] {
        var folder = URL(fileURLWithPath: #filePath)
        folder.deleteLastPathComponent()
        let file = folder.appending(path: "../Fixtures/stripe/signature_vectors.json")
        return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file)).cases
    }

    private static func refusal(
        _ header: String?, _ body: [UInt8], secrets: [String] = [SignedEvent.secretText], nowSeconds: Int64 = 1000
    ) -> StripeSignature.Refusal? {
        do throws(StripeSignature.Refusal) {
            try StripeSignature.verify(
                header: header, body: body, secrets: secrets.compactMap { SigningSecret($0) }, nowSeconds: nowSeconds)
            return nil
        } catch {
            return error
        }
    }

    @Test("every vector of Stripe's library is decided as it decides, but for two that it lets through")
    func vectors() throws {
        // A time in the future, and a tolerance that is switched off: both would let a request be sent again for ever.
        let stricter = ["future timestamp 1h", "tolerance 0 = off"]
        let cases = try Self.vectors()
        #expect(cases.count == 16)
        for vector in cases {
            let refusal = Self.refusal(
                vector.header, Array(vector.payload.utf8), secrets: [vector.secret], nowSeconds: vector.now)
            if stricter.contains(vector.name) {
                #expect(vector.result == "ok" && refusal == .expired, "\(vector.name)")
            } else if vector.result == "ok" {
                #expect(refusal == nil, "\(vector.name)")
            } else if vector.result.contains("tolerance zone") {
                #expect(refusal == .expired, "\(vector.name)")
            } else if vector.header.isEmpty {
                #expect(refusal == .missing, "\(vector.name)")
            } else {
                guard case .invalid = refusal else {
                    Issue.record("\(vector.name): \(String(describing: refusal))")
                    continue
                }
            }
        }
    }

    @Test("the time may be 300 s off either way, and no second more", arguments: [-301, -300, 0, 300, 301])
    func tolerance(ageSeconds: Int64) {
        let body = SignedEvent.body("evt_1")
        let header = SignedEvent.header(body, atSeconds: 1_800_000_000)
        let refusal = Self.refusal(header, body, nowSeconds: 1_800_000_000 + ageSeconds)
        #expect(refusal == (abs(ageSeconds) > 300 ? .expired : nil))
    }

    @Test("any of several secrets, by any of several signatures, is enough; other schemes say nothing")
    func rotation() {
        let body = SignedEvent.body("evt_1")
        let good = SignedEvent.signature(body, atSeconds: 1000, secret: "whsec_new")
        let bad = String(repeating: "0", count: 64)
        #expect(
            Self.refusal("t=1000,v1=\(bad),v0=\(bad),v2=x,v1=\(good)", body, secrets: ["whsec_old", "whsec_new"]) == nil
        )
        #expect(Self.refusal("t=1000,v1=\(good)", body, secrets: ["whsec_old"]) != nil)
        #expect(Self.refusal("t=1000,v0=\(good)", body, secrets: ["whsec_new"]) != nil)
        #expect(Self.refusal("t=1000,v1=\(good)", body, secrets: []) != nil)
    }

    @Test("a signed time that is not as the header writes it is refused")
    func writtenTime() {
        let body = SignedEvent.body("evt_1")
        let good = SignedEvent.signature(body, atSeconds: 1000)
        for time in ["1000 ", "+1000", "01000", "1e3", "", "１０００", "1000,t=1000", String(repeating: "9", count: 30)] {
            #expect(Self.refusal("t=\(time),v1=\(good)", body) != nil, "\(time)")
        }
    }

    @Test("a header past its bounds is refused before anything is hashed")
    func bounds() {
        let body = SignedEvent.body("evt_1")
        let header = SignedEvent.header(body, atSeconds: 1000)
        let padded = header + ",v0=" + String(repeating: "a", count: StripeSignature.headerBytesMax)
        #expect(Self.refusal(padded, body) == .invalid("the header is too long"))
        let many = header + String(repeating: ",v0=a", count: StripeSignature.partsMax)
        #expect(Self.refusal(many, body) == .invalid("the header has too many parts"))
        let most = header + String(repeating: ",v0=a", count: StripeSignature.partsMax - 2)
        #expect(Self.refusal(most, body) == nil)
    }

    @Test("a setting of secrets is read whole or not at all, and never shown")
    func settings() {
        #expect(SigningSecret.list("")?.count == 0)
        #expect(SigningSecret.list("whsec_a,whsec_b")?.count == 2)
        for wrong in [
            "whsec_a,", ",", "whsec_a, whsec_b", "whsec a", Array(repeating: "a", count: 9).joined(separator: ","),
        ] {
            #expect(SigningSecret.list(wrong) == nil, "\(wrong)")
        }
        #expect(!"\(SigningSecret.list("whsec_a") ?? [])".contains("whsec_a"))
    }
}
