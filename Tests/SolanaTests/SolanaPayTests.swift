import Cryptography
import LedgerDouble
import Solana
import Testing

@Suite("Links of Solana Pay")
struct SolanaPayTests {
    @Test("the links of the vectors are read, and written as the same request")
    func valid() throws {
        let entries = try #require(try Vectors().root["solanaPay"]?["valid"]).elements.map { $0 }
        #expect(entries.count == 5)
        for entry in entries {
            let text = entry.text("url")
            guard case .transfer(let request) = try SolanaPayURL(text) else {
                Issue.record("\(text) is a transfer request")
                continue
            }
            #expect(request.recipient.description == entry.text("recipient"))
            #expect(request.amount == entry["amount"]?.string)
            #expect(request.token?.description == entry["splToken"]?.string)
            #expect(request.references.map(\.description) == entry.texts("references"))
            #expect(request.label == entry["label"]?.string)
            #expect(request.message == entry["message"]?.string)
            #expect(request.memo == entry["memo"]?.string)
            let written = try SolanaPayURL.transfer(request).text()
            #expect(try SolanaPayURL(written) == .transfer(request))
            if !text.contains("unknown") { #expect(written == text) }
        }
    }

    @Test("malformed links are refused")
    func invalid() throws {
        let entries = try #require(try Vectors().root["solanaPay"]?["invalid"]).elements.map { $0 }
        #expect(entries.count == 16)
        for entry in entries {
            #expect(throws: SolanaPayError.self, "\(entry.text("why"))") { try SolanaPayURL(entry.text("url")) }
        }
        let recipient = "8h8cwEqNd2vhyspuJMFHjsY38yvYNLMSU5QWpKZecAwq"
        let cases: [(String, SolanaPayError)] = [
            ("solana:\(recipient)?amount=1&amount=1", .fieldDuplicate),
            ("solana:\(recipient)?label=%4", .encodingInvalid),
            ("solana:\(recipient)?label=%FF", .encodingInvalid), ("solana:\(recipient)?amount=1.2.3", .amountInvalid),
            ("solana:http://example.com/pay", .linkInvalid), ("solana:https://", .linkInvalid),
            ("https://example.com", .schemeInvalid), ("solana:\(recipient)x", .addressInvalid),
        ]
        for (text, error) in cases { #expect(throws: error, "\(text)") { try SolanaPayURL(text) } }
    }

    @Test("a transaction request is an https link, encoded where it has a query")
    func transactionRequest() throws {
        for (link, text) in [
            ("https://example.com/api/solana/pay/pay_1", "solana:https://example.com/api/solana/pay/pay_1"),
            ("https://example.com/pay?id=1&x=2", "solana:https%3A%2F%2Fexample.com%2Fpay%3Fid%3D1%26x%3D2"),
        ] {
            #expect(try SolanaPayURL.transaction(link: link).text() == text)
            #expect(try SolanaPayURL(text) == .transaction(link: link))
        }
        #expect(try SolanaPayURL("SOLANA:https://example.com/a?b=c") == .transaction(link: "https://example.com/a?b=c"))
        #expect(throws: SolanaPayError.linkInvalid) { try SolanaPayURL.transaction(link: "javascript:alert(1)").text() }
    }

    @Test("texts survive the link whatever is in them")
    func texts() throws {
        var random = TestRandom(seed: 77)
        let letters = Array("aZ9 +&=%?#/ü€😀\u{0301}\n\"")
        for _ in 0..<500 {
            let text = String((0..<random.below(30)).map { _ in letters[random.below(letters.count)] })
            let request = try SolanaTransferRequest(
                recipient: SolanaProgram.token, amount: "1.5", token: SolanaProgram.memo,
                references: [SolanaProgram.token, SolanaProgram.token2022], label: text, message: text, memo: text)
            guard case .transfer(let read) = try SolanaPayURL(SolanaPayURL.transfer(request).text()) else {
                Issue.record("seed 77: a transfer request")
                return
            }
            #expect(Array(read.label?.utf8 ?? "".utf8) == Array(text.utf8))
            #expect(read == request)
        }
        #expect(throws: SolanaPayError.tooLong) {
            let long = String(repeating: "x", count: 2_000)
            _ = try SolanaPayURL.transfer(SolanaTransferRequest(recipient: SolanaProgram.token, label: long)).text()
        }
        guard case .transfer(let plus) = try SolanaPayURL("solana:\(SolanaProgram.token)?label=a+b%20c%2B") else {
            return
        }
        #expect(plus.label == "a b c+")
    }

    @Test("amounts are base units without a fraction lost, and are refused where one would be")
    func amounts() throws {
        let entries = try Vectors().list("amounts")
        #expect(entries.count == 6)
        for entry in entries {
            let decimals = UInt8(entry.number("decimals"))
            let expected = entry["base"]?.string.flatMap { UInt64($0) }
            #expect(SolanaAmount.minor(entry.text("ui"), decimals: decimals) == expected)
            if let expected { #expect(SolanaAmount.text(expected, decimals: decimals) == entry.text("ui")) }
        }
        var random = TestRandom(seed: 5)
        for _ in 0..<2_000 {
            let decimals = UInt8(random.below(12))
            let minor = random.next() >> UInt64(random.below(64))
            #expect(SolanaAmount.minor(SolanaAmount.text(minor, decimals: decimals), decimals: decimals) == minor)
        }
        for text in ["", ".", "1.", ".1", "+1", "1e2", "0x1", " 1", "1 ", "١"] {
            #expect(SolanaAmount.minor(text, decimals: 6) == nil)
        }
    }
}
