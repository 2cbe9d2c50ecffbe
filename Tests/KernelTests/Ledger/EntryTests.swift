import Cryptography
import Kernel
import LedgerDouble
import Testing

@Suite struct EntryTests {
    /// Encoded and hashed by another program (Python 3.11, dag-cbor 0.3.3 of PyPI):
    ///
    ///     body = dag_cbor.encode({"seq": 7, "book": "test", "time": 1774958400123,
    ///         "cause": {"id": "stl_1", "hash": bytes(range(32)), "kind": "settlement"},
    ///         "opens": [[3, "cash", "did:imajin:soft:bob", "", "USD"], [4, "fees", "", "node", "USD"]],
    ///         "postings": [[1, 0, 1000], [3, 1, 990], [4, 1, 10], [5, 2, -70000000000], [6, 3, -70000000000]],
    ///         "effective": 20260331})
    ///     hashlib.sha256(b"mjn-entry-v1\0" + bytes([0xab]) * 32 + body).hexdigest()
    private static let body = """
        a7637365710764626f6f6b64746573746474696d651b0000019d43c3d27b656361757365a36269646573746c5f31646861736858200001\
        02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f646b696e646a736574746c656d656e74656f70656e73828503\
        6463617368736469643a696d616a696e3a736f66743a626f6260635553448504646665657360646e6f64656355534468706f7374696e67\
        73858301001903e88303011903de8304010a8305023b000000104c533bff8306033b000000104c533bff696566666563746976651a0135\
        25eb
        """
    private static let hash = "25215fa7621abed54468e3e3874210a4d31b477a8510c72434d3a9ec9c1ac157"

    @Test("an entry's body and hash are what another program makes of them")
    func knownAnswer() {
        let entry = Entry(
            book: "test", seq: 7, timeMs: 1_774_958_400_123, effectiveOn: 20_260_331,
            cause: EntryCause(kind: "settlement", id: "stl_1", requestHash: (0..<32).map { UInt8($0) }),
            opens: [
                AccountOpening(accountID: 3, key: .cash(People.bob)),
                AccountOpening(accountID: 4, key: AccountKey(kind: .fees, detail: "node", currency: "USD")),
            ],
            postings: [
                Posting(accountID: 1, side: .debit, amountMinor: 1000),
                Posting(accountID: 3, side: .credit, amountMinor: 990),
                Posting(accountID: 4, side: .credit, amountMinor: 10),
                Posting(accountID: 5, side: .pendingDebit, amountMinor: -70_000_000_000),
                Posting(accountID: 6, side: .pendingCredit, amountMinor: -70_000_000_000),
            ])
        #expect(Hex.encode(entry.body()) == Self.body)
        let previous = [UInt8](repeating: 0xAB, count: 32)
        #expect(Hex.encode(Entry.hash(previousHash: previous, body: entry.body())) == Self.hash)
    }

    @Test("every body is canonical dag-cbor: decoded and encoded again it is the same")
    func canonical() throws {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", People.ada, .max))
        ledger.run(Commands.settle("s", payer: People.ada, to: (0..<40).map { (People.did("p\($0)"), 1 << Int64($0)) }))
        for entry in ledger.entries {
            let again = try DAGCBOR.encode(DAGCBOR.decode(entry.body))
            #expect(again == entry.body)
        }
    }

    @Test("hashes chain from 32 zero bytes")
    func chain() {
        var ledger = Ledger()
        for index in 0..<5 { ledger.run(Commands.fund("f\(index)", People.ada, 1)) }
        var previous = [UInt8](repeating: 0, count: 32)
        for entry in ledger.entries {
            previous = SHA256.hash(Array("mjn-entry-v1".utf8) + [0] + previous + entry.body)
            #expect(entry.hash == previous)
        }
        #expect(ledger.state.head.hash == previous)
    }
}
