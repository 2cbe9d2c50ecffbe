import Cryptography
import Kernel
import LedgerDouble
import LedgerStore
import PostgresClient
import Settlement
import Testing

@Suite("The verifier")
struct VerifierTests {
    /// A book with every kind of entry, proven clean.
    private func prepared() async throws -> OpenBook {
        let book = try await OpenBook.make()
        let (store, pool) = try await book.open()
        let settle = Commands.settle("s", payer: People.ada, to: [(People.bob, 600)])
        let hold = Commands.hold("h", from: .cash(People.ada), to: .escrow(People.bob), 50)
        let commands = [
            Commands.fund("f", People.ada, 1000), Commands.fund("c", People.ada, 10, asCredit: true),
            Commands.fund("m", People.ada, 1000, "MJN"), settle, hold,
            Commands.resolve("p", hold, .post(amountMinor: 20)),
            Commands.gas("g", from: People.ada, to: People.bob),
            Commands.settle("t", payer: People.bob, to: [(People.cyd, 5)]),
        ]
        for command in commands { #expect(try await store.decide(command).outcome.isDone) }
        #expect(try await store.decide(Commands.refund("r", of: settle, 100, creditMinor: 10)).outcome.isDone)
        await store.close()
        await pool.close()
        let report = try book.verify()
        #expect(report.findings == [])
        #expect(report.entries == 9)
        return book
    }

    @Test(
        "finds what was changed behind the ledger's back",
        arguments: [
            ("UPDATE postings SET amount = amount + 1 WHERE seq = 4", Finding.Code.runningBalance),
            ("UPDATE postings SET posted_credits = posted_credits + 1 WHERE seq = 4 AND side = 1", .runningBalance),
            ("DELETE FROM postings WHERE seq = 8", .postingMismatch),
            (
                "INSERT INTO postings SELECT book_id, account_id, 99, side, 0, posted_debits, posted_credits, "
                    + "pending_debits, pending_credits FROM postings WHERE seq = 8", .postingMismatch
            ),
            ("UPDATE postings SET account_id = 77 WHERE seq = 8 AND side = 1", .accountMismatch),
            ("UPDATE entries SET body = body || '\\x00' WHERE seq = 3", .hashMismatch),
            ("UPDATE entries SET hash = sha256('x') WHERE seq = 9", .hashMismatch),
            ("UPDATE entries SET time_ms = time_ms + 1 WHERE seq = 3", .entryMalformed),
            ("UPDATE entries SET cause_id = 'stl_x' WHERE seq = 4", .entryMalformed),
            ("DELETE FROM entries WHERE seq = 9", .sequenceGap),
            ("DELETE FROM entries WHERE seq = 5", .sequenceGap),
            ("UPDATE books SET head_seq = 8", .sequenceGap),
            ("UPDATE accounts SET owner = 'did:imajin:soft:eve' WHERE owner = 'did:imajin:soft:bob'", .accountMismatch),
            ("DELETE FROM accounts WHERE kind = 'gas'", .accountMismatch),
            ("DELETE FROM settlements WHERE settlement_id = 'stl_t'", .causeMissing),
            ("UPDATE settlements SET entry_seq = 2 WHERE settlement_id = 'stl_t'", .causeMissing),
            ("DELETE FROM outcomes WHERE reference = 'stl_t'", .replyMismatch),
            (
                "UPDATE outcomes SET body = replace(convert_from(body, 'UTF8'), '\"amount\":5', '\"amount\":6')::bytea "
                    + "WHERE reference = 'stl_t'", .replyMismatch
            ),
            ("DELETE FROM refunds", .causeMissing),
            ("UPDATE refunds SET refunded_total = 700", .refundMismatch),
            ("UPDATE holds SET status = 'voided'", .causeMissing),
            ("UPDATE holds SET posted = posted + 1", .balanceUnexplained),
            ("UPDATE holds SET status = 'pending'", .balanceUnexplained),
            ("DELETE FROM gas_messages", .causeMissing),
            ("UPDATE gas_messages SET amount = amount - 1", .replyMismatch),
            ("UPDATE settlements SET payer = 'did:imajin:soft:eve' WHERE settlement_id = 'stl_s'", .replyMismatch),
            ("UPDATE settlements SET credit = credit + 1 WHERE settlement_id = 'stl_s'", .replyMismatch),
            ("UPDATE settlements SET manifest_cid = 'x' WHERE settlement_id = 'stl_s'", .replyMismatch),
            ("UPDATE outcomes SET request_hash = sha256('x') WHERE reference = 'stl_s'", .replyMismatch),
            ("UPDATE outcomes SET status = 200 WHERE reference = 'stl_s'", .replyMismatch),
            (
                "UPDATE outcomes SET body = replace(convert_from(body, 'UTF8'), 'soft:bob', 'soft:eve')::bytea "
                    + "WHERE reference = 'stl_s'", .replyMismatch
            ),
            ("UPDATE refunds SET amount = 90, refunded_total = 90", .replyMismatch),
            ("UPDATE books SET next_account_id = 1", .accountMismatch),
            ("UPDATE postings SET side = 7 WHERE seq = 8", .postingMismatch),
            ("UPDATE postings SET seq = -9223372036854775808 WHERE seq = 8 AND side = 1", .postingMismatch),
            ("UPDATE accounts SET kind = 'zzz' WHERE kind = 'gas'", .accountMismatch),
            (
                "INSERT INTO manifests SELECT 1, 'bafkrei', 'm', 'did:imajin:soft:ada', '{}'::bytea, 0",
                .manifestMismatch
            ),
            ("DELETE FROM outcomes WHERE reference = 'fnd_f'", .causeMissing),
        ])
    func tampering(_ sql: String, _ code: Finding.Code) async throws {
        let book = try await prepared()
        try book.tamper(sql)
        let report = try book.verify()
        #expect(report.findings.contains { $0.code == code }, "\(report.findings)")
    }

    @Test("gives balances as they were after an entry and at a time")
    func moments() async throws {
        try await OpenBook.with { store, book in
            for number in 1...5 {
                _ = try await store.decide(Commands.fund("f\(number)", People.ada, 10))
                book.clock.advance(1000)
            }
            func cash(_ moment: BookMoment) async throws -> Int64? {
                try await store.accounts(at: moment, of: People.ada).first?.balanceMinor
            }
            #expect(try await cash(.seq(2)) == 20)
            #expect(try await cash(.now) == 50)
            #expect(try await cash(.time(People.noonMs + 2999)) == 30)
            #expect(try await cash(.time(People.noonMs + 3000)) == 40)
            #expect(try await cash(.time(People.noonMs - 1)) == nil)
            let trial = try await store.trialBalance()
            #expect(trial.reduce(Int128(0)) { $0 + $1.debits - $1.credits } == 0)
            let entries = try await store.entries(after: 3, of: People.ada, limit: 10)
            #expect(entries.map(\.seq) == [4, 5])
            #expect(entries[0].lines.map(\.account.kind) == [.devFunding, .cash])
        }
    }
}
