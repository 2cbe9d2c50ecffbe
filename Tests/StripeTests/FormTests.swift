import Cryptography
import Stripe
import Testing

@Suite("Stripe's form encoding")
struct FormTests {
    @Test("every case of Stripe's own encoder gives its pairs and its bytes")
    func vectors() throws {
        let cases = try #require(try Fixture.json("stripe/form_vectors.json")["cases"])
        #expect(cases.count == 16)
        for vector in cases.elements {
            var form = StripeForm()
            for (name, value) in try #require(vector["params"]).members { form.set(name, Self.value(value)) }
            #expect(form.encoded == vector["encoded"]?.string)
            let pairs = try #require(vector["pairs"]).elements.map { pair in pair.elements.compactMap(\.string) }
            #expect(form.pairs.map { [$0.name, $0.value] } == pairs)
        }
    }

    @Test("a map of metadata has one order, whatever order it was made in")
    func metadataOrder() {
        let names = (0..<40).map { "k\($0)" }
        var forms: Set<String> = []
        for names in [names, names.reversed()] {
            var form = StripeForm()
            form.set("metadata", .metadata(Dictionary(uniqueKeysWithValues: names.map { ($0, "v") })))
            forms.insert(form.encoded)
        }
        #expect(forms.count == 1)
        #expect(forms.first?.hasPrefix("metadata%5Bk0%5D=v&metadata%5Bk1%5D=v&metadata%5Bk10%5D=v") == true)
    }

    @Test("every byte that is no letter, digit, _, ., - or ~ is escaped")
    func escapes() {
        var form = StripeForm()
        form.set("v", .string(String(decoding: 0...127, as: UTF8.self)))
        let kept = form.encoded.dropFirst(2).replacing(#/%[0-9A-F]{2}|\+/#, with: "")
        #expect(kept == "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~")
    }

    private static func value(_ json: JSONValue) -> StripeFormValue {
        switch json.kind {
        case .null: .null
        case .bool: .bool(json.bool == true)
        case .number: .integer(json.int64 ?? .min)
        case .string: .string(json.string ?? "")
        case .array: .array(json.elements.map(value))
        case .object: .map(json.members.map { StripeFormField($0.key, value($0.value)) })
        }
    }
}
