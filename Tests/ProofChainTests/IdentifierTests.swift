import Cryptography
import ProofChain
import Testing
import TestMaterial

@Suite("Identifiers")
struct IdentifierTests {
    @Test("DIDs have one form")
    func dids() throws {
        let fixture = try Fixture.json("dfos/identifiers.json")
        let valid = try Vectors.log(fixture["validDid"])
        let invalid = try Vectors.log(fixture["invalidDid"])
        #expect(valid.count == 2 && invalid.count == 8)
        for text in valid { #expect(try DFOSDID(text).string == text) }
        for text in invalid + ["DID:dfos:" + "2".repeated(31), "did:dfos:" + "é".repeated(31)] {
            #expect(ProofError.Code.thrown { _ = try DFOSDID(text) } == .identifierInvalid, "\(text)")
        }
    }

    @Test("anchors are told by their form")
    func anchors() throws {
        let anchors = try #require(try Fixture.json("dfos/identifiers.json")["anchors"])
        #expect(anchors.count == 8)
        for (text, kind) in anchors.members {
            let found =
                switch ContentAnchor(text) {
                case .chain(let identifier): identifier.string == text ? "chain" : "another chain"
                case .artifact(let cid): cid == text ? "artifact" : "another artifact"
                case nil: "invalid"
                }
            #expect(found == kind.string, "\(text)")
        }
    }

    @Test("a key reference is divided at its first mark")
    func references() throws {
        let did = try Actor(1).did
        let reference = try KeyReference(did.string + "#a#b")
        #expect(reference.did == did && reference.keyID == KeyID("a#b") && reference.string == did.string + "#a#b")
        #expect(try KeyReference(did.string + "#").keyID == KeyID(""))
        #expect(ProofError.Code.thrown { _ = try KeyReference("key") } == .signerNotURL)
        #expect(ProofError.Code.thrown { _ = try KeyReference("did:web:a#key") } == .identifierInvalid)
    }

    @Test(
        "a multikey is z, base58, ed 01 and 32 bytes that are a key",
        arguments: [
            "", "z", "u7QG6Qh4nT6T1QlQiHkf4fZJTvcBPfUrSJa5nq58GiM4y", "z6MkrzLMNwoJSV4P3YccWcbtk8vd9LtgMKnLeaDLUqLuASj",
            "z6MkrzLMNwoJSV4P3YccWcbtk8vd9LtgMKnLeaDLUqLuASjbb", "Z6MkrzLMNwoJSV4P3YccWcbtk8vd9LtgMKnLeaDLUqLuASjb",
            "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",
        ])
    func multikeys(_ text: String) {
        #expect(ProofError.Code.thrown { _ = try Multikey.decode(text) } == .multikeyInvalid)
    }

    @Test("every code has words of its own, and a name that is its own")
    func codes() {
        let reasons = ProofError.Code.allCases.map { ProofError($0).reason }
        #expect(reasons.allSatisfy { !$0.hasPrefix("proof_") })
        #expect(Set(ProofError.Code.allCases.map(\.rawValue)).count == ProofError.Code.allCases.count)
        let missing = ProofError.Code.allCases.filter { ProofError($0).isDependencyMissing }
        #expect(missing == [.identityUnknown, .keyUnknown, .previousOperationUnknown, .targetUnknown])
    }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
