import Foundation
import Testing

extension EndToEnd {
    @Suite("A thousand at once")
    struct OnceOnlyTests {
        private static let crowd = 1000

        @Test(
            "of a thousand spends of the last unit one settles; of a thousand copies of one request all get one answer")
        func lastUnitAndOneKey() throws {
            let home = try Home()
            let node = try Node(in: home)
            let (payer, payee) = (Person(), Person())
            try home.fund(payer.did, 1)
            let manifest = try payee.sign(Text.manifest([(payee.did, "1")]))
            let last = Text.settle(manifest, from: payer.did, "1")
            let spends = try node.sendAtOnce(
                (0..<Self.crowd).map { .settle(last, key: "spend-\($0)", by: node.service) })
            #expect(spends.count { $0.status == 201 } == 1)
            #expect(spends.count { $0.summary == "402 insufficient_funds" } == Self.crowd - 1)
            #expect(try node.available(payer.did) == 0)
            #expect(try node.available(payee.did) == 1)
            #expect(try home.verify().entries == 2)

            try home.fund(payer.did, 500)
            let body = Text.settle(manifest, from: payer.did, "5")
            let copies = try node.sendAtOnce((0..<Self.crowd).map { _ in .settle(body, key: "one", by: node.service) })
            #expect(Set(copies.map(\.status)) == [201])
            #expect(Set(copies.map(\.body)).count == 1)
            #expect(copies.count { !$0.isReplayed } == 1)
            #expect(try node.available(payer.did) == 495)
            #expect(try home.verify().entries == 4)
            try node.stop()
        }
    }
}
