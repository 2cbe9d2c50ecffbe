import Cryptography
import ProofChain
import Testing

@Suite("Identity chains: limits")
struct IdentityLimitTests {
    private static let time = "2026-03-07T00:00:00.000Z"

    private func code(_ members: String) throws -> ProofError.Code? {
        let key = try Actor.key(1)
        let keys = RawToken.keys(controller: "[" + RawToken.entry(Multikey(key.publicKey)) + "]")
        let payload = #"{"version":1,"type":"create",\#(keys),\#(members)"createdAt":"\#(Self.time)"}"#
        let token = try RawToken(.identity, kid: Multikey(key.publicKey).id.string, payload: payload).token(key)
        return .thrown { _ = try IdentityState(verifyingTokens: [token]) }
    }

    private func services(_ count: Int, _ entry: (Int) -> String) -> String {
        #""services":[\#((0..<count).map(entry).joined(separator: ","))],"#
    }

    @Test("256 keys in a role, no more; the roles count by themselves")
    func keys() throws {
        let key = try Actor.key(1)
        func code(_ count: Int) throws -> ProofError.Code? {
            let other = (0..<count).map { Multikey(key.publicKey, id: KeyID("k\($0)")) }
            let all = KeySet(auth: other, assert: other, controller: [Multikey(key.publicKey)])
            return .thrown {
                _ = try OperationSigner.createIdentity(
                    keys: all, createdAt: try Timestamp(Self.time), keyID: Multikey(key.publicKey).id,
                    privateKey: key)
            }
        }
        #expect(try code(256) == nil)
        #expect(try code(257) == .keysTooMany)
    }

    @Test("65,536 bytes of dag-cbor, whatever the JSON takes, and not one more")
    func operationSize() throws {
        func size(padding: Int) throws -> Int {
            let key = try Actor.key(1)
            let keys = RawToken.keys(controller: "[" + RawToken.entry(Multikey(key.publicKey)) + "]")
            let pad = String(repeating: "x", count: padding)
            let payload =
                #"{"version":1,"type":"create",\#(keys),"pad":"\#(pad)","createdAt":"\#(Self.time)"}"#
            return DAGCBOR.encode(try DAGCBOR.fromJSON(try JSONDocument(parsing: payload).root)).count
        }
        let room = 65_536 - (try size(padding: 65_000) - 65_000)
        #expect(try size(padding: room) == 65_536)
        func pad(_ count: Int, _ character: String = "x") -> String {
            #""pad":"\#(String(repeating: character, count: count))","#
        }
        #expect(try code(pad(room)) == nil)
        #expect(try code(pad(room + 1)) == .operationTooLarge)
        // Six characters of JSON for one byte of dag-cbor.
        #expect(try code(pad(room, #"\u0001"#)) == nil)
        #expect(try code(pad(room + 1, #"\u0001"#)) == .operationTooLarge)
    }

    @Test("256 services and 32,768 bytes of them")
    func serviceSizes() throws {
        func entry(_ index: Int) -> String { #"{"id":"s\#(index)","type":"x"}"# }
        #expect(try code(services(256, entry)) == nil)
        #expect(try code(services(257, entry)) == .servicesTooMany)
        func large(_ padding: Int) -> String {
            services(1) { _ in #"{"id":"s","type":"x","pad":"\#(String(repeating: "x", count: padding))"}"# }
        }
        // Array of one, map of three: a1 head each, keys and the short values, and a three-byte head for the text.
        let frame = 1 + 1 + (3 + 2) + (5 + 2) + (4 + 3)
        #expect(try code(large(32_768 - frame)) == nil)
        #expect(try code(large(32_768 - frame + 1)) == .servicesTooLarge)
    }

    @Test(
        "a service entry has a name, a type, and what its type asks for",
        arguments: [
            (#"{"id":"a","type":"anything","x":[1,{"y":null}]}"#, true), (#"{"id":"a"}"#, false),
            (#"{"type":"x"}"#, false), (#"{"id":1,"type":"x"}"#, false), (#"{"id":"a","type":""}"#, false),
            (#""text""#, false), ("[]", false),
            (#"{"id":"a","type":"DfosRelay","endpoint":"https://r.example"}"#, true),
            (#"{"id":"a","type":"DfosRelay","endpoint":""}"#, false),
            (#"{"id":"a","type":"DfosRelay","endpoint":1}"#, false),
            (#"{"id":"a","type":"ContentAnchor","label":"l","anchor":"8n8fnzhrrefkrde6h72kfvff43r8c63"}"#, true),
            (#"{"id":"a","type":"ContentAnchor","label":"","anchor":"8n8fnzhrrefkrde6h72kfvff43r8c63"}"#, false),
            (#"{"id":"a","type":"ContentAnchor","label":"l","anchor":"8n8fnzhrrefkrde6h72kfvff43r8c6"}"#, false),
        ])
    func serviceShape(_ entry: String, _ isValid: Bool) throws {
        #expect(try code(services(1) { _ in entry }) == (isValid ? nil : .serviceInvalid))
    }

    @Test("service names are unique as bytes, and a list is a list")
    func serviceNames() throws {
        #expect(try code(services(2) { _ in #"{"id":"a","type":"x"}"# }) == .serviceInvalid)
        #expect(try code(services(2) { $0 == 0 ? #"{"id":"é","type":"x"}"# : #"{"id":"e\u0301","type":"x"}"# }) == nil)
        #expect(try code(#""services":null,"#) == .serviceInvalid)
        #expect(try code(#""services":{},"#) == .serviceInvalid)
        #expect(try code(#""services":[],"#) == nil)
    }

    @Test("an update without services clears them, a delete does not")
    func serviceLife() throws {
        var actor = try Actor(1, services: [try .relay(id: "r", endpoint: "https://r.example")])
        #expect(actor.state.services.map(\.endpoint) == ["https://r.example"])
        try actor.delete(at: "2026-03-07T00:00:01.000Z")
        #expect(actor.state.services.count == 1)
        try actor.restore(at: "2026-03-07T00:00:02.000Z")
        #expect(actor.state.services.count == 1)
        try actor.rotate(to: 2, at: "2026-03-07T00:00:03.000Z")
        #expect(actor.state.services.isEmpty)
    }

    @Test("1,024 levels of nesting pass, as in the reference; one more does not")
    func depth() throws {
        func nested(_ levels: Int) -> String {
            #""deep":\#(String(repeating: "[", count: levels))\#(String(repeating: "]", count: levels)),"#
        }
        // The payload itself is the first level.
        #expect(try code(nested(1_023)) == nil)
        #expect(
            ProofError.Code.thrown {
                _ = try SignedOperation(
                    token: RawToken.sign(
                        header: #"{"alg":"EdDSA"}"#, payload: "{\(nested(1_024))\"a\":1}", try Actor.key(1)))
            } == .payloadMalformed)
    }

    @Test(
        "numbers are integers within ±(2^53 - 1), anywhere in the payload",
        arguments: [
            ("1", true), ("-0", true), ("1.0", true), ("10e-1", true), ("9007199254740991", true),
            ("-9007199254740991", true), ("9007199254740992", false), ("-9007199254740992", false), ("1.5", false),
            ("1e-1", false), ("1e400", false), ("9007199254740991.4", false),
        ])
    func numbers(_ number: String, _ isValid: Bool) throws {
        // Decimal, not as the nearest double: a number that a double would round to an integer is none here.
        let payload = #"{"version":1,"x":{"y":[\#(number)]}}"#
        let token = RawToken.sign(header: #"{"alg":"EdDSA"}"#, payload: payload, try Actor.key(1))
        let code = ProofError.Code.thrown { _ = try SignedOperation(token: token) }
        #expect((code == nil) == isValid)
        #expect(isValid || code == .payloadNotCanonical || code == .payloadMalformed)
    }
}
