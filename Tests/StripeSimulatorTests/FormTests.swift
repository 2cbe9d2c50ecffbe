import Cryptography
import StripeSimulator
import Testing

/// Stripe's nested form, read.
@Suite struct FormTests {
    @Test("what Stripe's library encodes is read as what it encoded")
    func vectors() throws {
        let cases = Array(try #require(try StripeFixtures.read("form_vectors.json")["cases"]).elements)
        #expect(cases.count == 16)
        for vector in cases {
            let encoded = try #require(vector["encoded"]?.string)
            let params = try #require(vector["params"])
            guard case .hash(let expected) = Self.form(params) ?? .hash([:]) else { continue }
            #expect(try FormValue.decode(Array(encoded.utf8)) == expected, "\(encoded)")
        }
    }

    /// What a parameter becomes on the wire: every leaf a text, arrays by index, null and empty lists nothing.
    private static func form(_ value: JSONValue) -> FormValue? {
        switch value.kind {
        case .null: return nil
        case .bool: return .text(value.bool == true ? "true" : "false")
        case .number: return value.numberText.map { .text($0) }
        case .string: return value.string.map { .text($0) }
        case .array:
            let items = value.elements.compactMap { form($0) }.enumerated().map { (String($0.offset), $0.element) }
            return items.isEmpty ? nil : .hash(Dictionary(items) { $1 })
        case .object:
            var hash: [String: FormValue] = [:]
            for (key, inner) in value.members { hash[key] = form(inner) }
            return .hash(hash)
        }
    }

    @Test(
        "a malformed form is refused",
        arguments: [
            "a", "a=1&a=2", "a[b]=1&a=2", "a=2&a[b]=1", "a[b=1", "a]b=1", "a[b]c=1", "[a]=1", "=1", "a=%zz", "a=%f",
            "a=%ff", "a=1&", "a[[b]]=1", "a[b]=1&a[b]=1",
        ])
    func malformed(form: String) {
        #expect(throws: StripeFailure.self) { try FormValue.decode(Array(form.utf8)) }
    }

    @Test("a form nested past the limit is refused, one at the limit is read")
    func depth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(("a" + String(repeating: "[b]", count: depth - 1) + "=1").utf8)
        }
        #expect(try FormValue.decode(nested(16)).count == 1)
        #expect(throws: StripeFailure.self) { try FormValue.decode(nested(17)) }
    }
}
