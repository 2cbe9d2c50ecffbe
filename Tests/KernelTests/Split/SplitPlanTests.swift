import Cryptography
import Kernel
import Testing

@Suite("Split plans")
struct SplitPlanTests {
    private let keys = (1...5).map { TestKey($0) }

    private func verified(_ weights: [String], owner: Int? = nil, delegates: Bool = false) throws -> VerifiedManifest {
        let extra = owner.map { #","owner":"\#(keys[$0].name)""# } ?? ""
        let text = Fixture.original(zip(keys, weights).map { ($0.name, $1) }, extra: extra)
        return try Fixture.verify(
            Fixture.sign(text, keys[0]), keys: delegates ? Delegating() : Delegating(allows: false))
    }

    private struct Delegating: KeyResolver {
        var allows = true
        func keys(for did: DID) -> KeyLookup { DIDKeyResolver().keys(for: did) }
        func isDelegate(_ did: DID, of owner: DID) -> Bool { allows }
    }

    @Test("units that are left go to the largest remainders, and to the earlier line among equals")
    func ties() throws {
        let thirds = try SplitPlan(
            verified(["0.3333333333333333", "0.3333333333333333", "0.3333333333333333"]), right: nil)
        #expect(thirds.lines.map(\.weightText) == ["1/3", "1/3", "1/3"])
        #expect(try thirds.split(amountMinor: 100) == [34, 33, 33])
        #expect(try thirds.split(amountMinor: 101) == [34, 34, 33])
        #expect(try thirds.split(amountMinor: 0) == [0, 0, 0])
        let uneven = try SplitPlan(verified(["0.01", "0.33", "0.66"]), right: nil)
        #expect(try uneven.split(amountMinor: 2) == [0, 1, 1])
    }

    @Test("a sum of doubles just above one is divided by itself")
    func floats() throws {
        let plan = try SplitPlan(verified(["0.30000000000000004", "0.7"]), right: nil)
        #expect(
            plan.lines.map(\.weightText) == [
                "7500000000000001/25000000000000001", "17500000000000000/25000000000000001",
            ])
        #expect(try plan.split(amountMinor: 10_000) == [3_000, 7_000])
    }

    @Test(
        "a sum within a billionth of one means one, either side; beyond it the rest is residual or the list is refused",
        arguments: [
            (["0.5", "0.500000001"], 2), (["0.5", "0.499999999"], 2), (["0.5", "0.4999999989"], 3),
            (["0.5", "0.49999999"], 3),
        ])
    func tolerance(weights: [String], lines: Int) throws {
        #expect(try SplitPlan(verified(weights), right: nil).lines.count == lines)
    }

    @Test("a sum above one by more than a billionth is refused", arguments: ["0.5000000011", "0.51", "1"])
    func tooMuch(weight: String) throws {
        let text = Fixture.original([(keys[0].name, "0.5"), (keys[1].name, weight)])
        #expect(try Fixture.code(Fixture.sign(text, keys[0])) == "weights_exceed_one")
    }

    @Test("what the weights leave over is the owner's")
    func residualOfOwner() throws {
        let plan = try SplitPlan(verified(["0.2", "0.3"], owner: 3, delegates: true), right: nil)
        #expect(plan.lines.map(\.did) == [keys[0].did, keys[1].did, keys[3].did])
        #expect(plan.lines.map(\.weightText) == ["1/5", "3/10", "1/2"])
        #expect(plan.lines.map(\.role) == ["artist", "artist", "residual"])
        #expect(plan.lines.map(\.isResidual) == [false, false, true])
    }

    @Test("without an owner what is left over is the signing contributor's")
    func residualOfSigner() throws {
        let text = Fixture.original([(keys[1].name, "0.25"), (keys[2].name, "0.25")])
        let plan = try SplitPlan(Fixture.verify(Fixture.sign(text, keys[2])), right: nil)
        #expect(plan.lines.map(\.did) == [keys[1].did, keys[2].did, keys[2].did])
        #expect(try plan.split(amountMinor: 3) == [1, 1, 1])
    }

    @Test("an owner without contributors gets all of it")
    func nobody() throws {
        let text = Fixture.original([], extra: #","owner":"\#(keys[0].name)""#)
        let plan = try SplitPlan(Fixture.verify(Fixture.sign(text, keys[0])), right: nil)
        #expect(plan.lines.map(\.weightText) == ["1"])
        #expect(plan.lines.map(\.role) == ["residual"])
        #expect(try plan.split(amountMinor: 77) == [77])
    }

    @Test(
        "whoever this node cannot pay is refused when the split is prepared, not when the manifest is verified",
        arguments: [
            "mjn:protocol", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "did:web:example.com",
            "did:imajin:0OIl", "somebody",
        ])
    func notPayable(id: String) throws {
        let text = Fixture.original([(keys[0].name, "0.5"), (id, "0.5")])
        let verified = try Fixture.verify(Fixture.sign(text, keys[0]))
        let error = #expect(throws: ManifestError.self) { try SplitPlan(verified, right: nil) }
        #expect(error?.code == "contributor_not_payable")
        #expect(error?.reason.contains(id) == true)
    }

    @Test("soft DIDs and groups are payable")
    func softDIDs() throws {
        let text = Fixture.original([
            (keys[0].name, "0.5"), ("did:imajin:soft:abc_123", "0.25"), ("did:imajin:family:f1", "0.25"),
        ])
        let plan = try SplitPlan(Fixture.verify(Fixture.sign(text, keys[0])), right: nil)
        #expect(plan.payees.map(\.string) == [keys[0].name, "did:imajin:soft:abc_123", "did:imajin:family:f1"])
    }

    @Test("a node may pay fewer than that")
    func ownRule() throws {
        let verified = try verified(["0.5", "0.5"])
        let first = keys[0].did
        #expect(throws: ManifestError.contributorNotPayable(keys[1].name)) {
            try SplitPlan(verified, right: nil, isPayable: { $0 == first })
        }
    }

    @Test("weights in whole numbers divide by the same rule")
    func wholeWeights() throws {
        #expect(
            try LargestRemainder.split(amountMinor: 9_999, weights: [3_333, 3_333, 3_334]) == [3_333, 3_333, 3_333])
        #expect(try LargestRemainder.split(amountMinor: .max, weights: [.max]) == [.max])
        #expect(try LargestRemainder.split(amountMinor: 0, weights: [0, 0]) == [0, 0])
        #expect(try LargestRemainder.split(amountMinor: 0, weights: []).isEmpty)
        #expect(throws: MoneyError.amountInvalid) { try LargestRemainder.split(amountMinor: 5, weights: [0, 0]) }
        #expect(throws: MoneyError.amountInvalid) { try LargestRemainder.split(amountMinor: -1, weights: [1]) }
        #expect(throws: MoneyError.amountOverflow) { try LargestRemainder.split(amountMinor: 1, weights: [.max, 1]) }
    }
}
