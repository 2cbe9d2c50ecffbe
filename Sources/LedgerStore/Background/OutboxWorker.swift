public import Cryptography
import Kernel
public import Logging
import PostgresClient
import Synchronization

/// Signs the attestations that settlements left in the outbox, off their path.
///
/// Only the process that leads does it. While the poster has work it keeps to a part of a core; afterwards it catches
/// up. A crash loses nothing: a row leaves the outbox in the transaction that stores its signature, and Ed25519 signs
/// the same bytes the same way again.
public final class OutboxWorker: Sendable {
    private let store: PostgresLedgerStore
    private let key: Ed25519PrivateKey
    private let logger: Logger
    private let signed = Atomic<Int>(0)

    /// Rows per transaction.
    private static let rowsMax: Int64 = 500
    /// Pause after a batch while the poster is busy: at most 2,000 signatures a second, some 6 % of a core.
    private static let busyPause = Duration.milliseconds(250)
    /// Pause when the outbox is empty.
    private static let idlePause = Duration.milliseconds(200)
    /// Pause after a failure.
    private static let failurePause = Duration.seconds(1)

    /// A worker that signs with the node's key.
    public init(store: PostgresLedgerStore, key: Ed25519PrivateKey, logger: Logger) {
        self.store = store
        self.key = key
        self.logger = logger
    }

    /// Attestations signed by this process so far.
    public var signedCount: Int { signed.load(ordering: .relaxed) }

    /// Works until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            var pause = Self.idlePause
            if store.isLeading {
                do {
                    let isBusy = store.takeWasBusy()
                    let count = try await signBatch()
                    signed.wrappingAdd(count, ordering: .relaxed)
                    pause = count == 0 ? Self.idlePause : isBusy ? Self.busyPause : .zero
                } catch {
                    logger.warning("signing attestations failed", metadata: ["reason": "\(error)"])
                    pause = Self.failurePause
                }
            }
            if pause > .zero { try? await Task.sleep(for: pause) }
        }
    }

    /// Signs what is there, at most `rowsMax`; returns how many.
    package func signBatch() async throws -> Int {
        let (bookID, key) = (store.book.bookID, key)
        let issuer = store.book.node.string
        return try await store.pool.run { connection in
            let rows = try connection.query(Self.select, [.int8(bookID), .int8(Self.rowsMax)])
            guard let last = rows.count > 0 ? rows[rows.count - 1] : nil else { return 0 }
            var (cids, seqs, payloads, tokens): ([String], [Int64], [[UInt8]], [String]) = ([], [], [], [])
            for row in rows {
                let payload = try row.bytea(2)
                let cid = CID(codec: .dagCBOR, hashing: payload).string
                cids.append(cid)
                seqs.append(try row.int8(0))
                payloads.append(payload)
                tokens.append(
                    JWS.sign(
                        payload: payload,
                        header: [("alg", "EdDSA"), ("typ", "mjn-attestation+cbor"), ("kid", issuer), ("cid", cid)],
                        key: key))
            }
            let (lastSeq, lastOrdinal) = (try last.int8(0), try last.int2(1))
            try connection.pipeline { pipe in
                try pipe.send(
                    Self.insert,
                    [.int8(bookID), .texts(cids), .int8s(seqs), .byteas(payloads), .texts(tokens)])
                try pipe.send(Self.delete, [.int8(bookID), .int8(lastSeq), .int2(lastOrdinal)])
            }
            return rows.count
        }
    }

    private static let select = Statement(
        "select_outbox",
        """
        SELECT seq, ordinal, payload FROM outbox WHERE book_id = $1 AND topic = 'attestation'
        ORDER BY book_id, seq, ordinal LIMIT $2
        """)
    private static let insert = Statement(
        "insert_attestations",
        """
        INSERT INTO attestations (book_id, cid, seq, payload, jws)
        SELECT $1, v.cid, v.seq, v.payload, v.jws
        FROM unnest($2::text[], $3::int8[], $4::bytea[], $5::text[]) AS v (cid, seq, payload, jws)
        ON CONFLICT (book_id, cid) DO NOTHING
        """)
    private static let delete = Statement(
        "delete_outbox",
        """
        DELETE FROM outbox WHERE book_id = $1 AND topic = 'attestation'
          AND (seq < $2 OR (seq = $2 AND ordinal <= $3))
        """)
}
