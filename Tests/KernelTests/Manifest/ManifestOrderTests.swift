import Cryptography
import Kernel
import Testing

@Suite("The order of a manifest's checks")
struct ManifestOrderTests {
    /// What can be wrong with one manifest, in the order in which it is to be found.
    private struct Faults: OptionSet, CustomStringConvertible {
        let rawValue: Int
        static let codes = [
            "manifest_malformed", "manifest_unsigned", "manifest_signature_invalid", "manifest_signer_not_party",
            "manifest_platform_signature_invalid", "weights_exceed_one", "chain_unresolved",
        ]

        func has(_ index: Int) -> Bool { rawValue >> index & 1 == 1 }
        var description: String { Faults.codes.indices.filter(has).map { Faults.codes[$0] }.joined(separator: "+") }
    }

    @Test("of several faults the first in order is the one reported, in every combination")
    func everyCombination() throws {
        for raw in 0..<(1 << Faults.codes.count) {
            let faults = Faults(rawValue: raw)
            let first = Faults.codes.indices.first(where: faults.has).map { Faults.codes[$0] }
            #expect(try Fixture.code(text(faults)) == first, "\(faults)")
        }
    }

    private func text(_ faults: Faults) throws -> String {
        let (owner, stranger, platform) = (TestKey(1), TestKey(2), TestKey(3))
        let missing = CID(codec: .raw, hashing: [1])
        let entries = [
            (owner.name, faults.has(5) ? "0.9" : "0.5"), (faults.has(6) ? "fair:\(missing)" : stranger.name, "0.5"),
        ]
        var text = Fixture.newer(entries, owner: owner.name)
        let signer = faults.has(3) ? stranger : owner
        let signature = try signer.privateKey.sign(Manifest.signedBytes(of: Fixture.json(text)))
        let endorsement = try platform.privateKey.sign(Manifest.signedBytes(of: Fixture.json(text)))
        if !faults.has(1) {
            text = adding("signature", hex(signature, isWrong: faults.has(2)), signer, to: text)
        }
        text = adding("platformSignature", hex(endorsement, isWrong: faults.has(4)), platform, to: text)
        if faults.has(0) { text = text.replacing(#""role":"artist","#, with: "") }
        return text
    }

    private func hex(_ signature: [UInt8], isWrong: Bool) -> String {
        Hex.encode(isWrong ? signature.reversed() : signature)
    }

    private func adding(_ name: String, _ hex: String, _ key: TestKey, to text: String) -> String {
        text.dropLast() + #","\#(name)":{"algorithm":"ed25519","value":"\#(hex)","publicKeyRef":"\#(key.name)"}}"#
    }
}
