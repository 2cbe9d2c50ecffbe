import Cryptography
import Kernel
import PostgresClient

extension LedgerVerifier {
    /// Each gas charge with what its entry moved.
    func readCharges(_ connection: Connection, _ report: inout VerificationReport) throws {
        try connection.stream(Self.charges, [.int8(bookID)]) { row in
            let amount = Int128(try row.int8(1))
            let entry = try row.byteaOrNil(2).flatMap { try? Entry(body: $0) }
            let moved = entry?.postings.reduce(Int128(0)) { $1.side == .debit ? $0 + Int128($1.amountMinor) : $0 } ?? 0
            if moved != amount {
                report.add(.replyMismatch, "charge \(try row.text(0)) is counted with \(amount), it moved \(moved)")
            }
        }
    }

    /// Each manifest with its CID.
    func readManifests(_ connection: Connection, _ report: inout VerificationReport) throws {
        try connection.stream(Self.manifests, [.int8(bookID)]) { row in
            let document = try? JSONDocument(parsing: try row.bytea(1))
            let cid = document.map { CID(codec: .raw, hashing: Manifest.signedBytes(of: $0.root)).string }
            if try cid != row.text(0) {
                report.add(.manifestMismatch, "manifest \(try row.text(0)) is not what its CID says")
            }
        }
    }

    private static let charges = Statement(
        "verify_charges",
        """
        SELECT g.charge_id, g.amount, e.body FROM gas_messages g
        LEFT JOIN entries e ON e.book_id = $1 AND e.cause_kind = 'gas' AND e.cause_id = g.charge_id
        WHERE g.book_id = $1
        """)
    private static let manifests = Statement(
        "verify_manifests", "SELECT cid, json FROM manifests WHERE book_id = $1")
}
