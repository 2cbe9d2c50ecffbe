import Cryptography
import Kernel
import PostgresClient

extension LedgerVerifier {
    /// Every stored signature in its time: of manifests, by the signer's keys that were in force when the book recorded
    /// them, of payers' authorizations, by the payer's keys in force at the settlement, and of attestations, by the
    /// node's key.
    ///
    /// Authorizations from before the book kept them are not among them. Reads row by row; the keys of signers are read
    /// beside, on a connection of their own, whose view is not older.
    func readSignatures(
        _ connection: Connection, slackMs: Int64, _ report: inout VerificationReport,
        _ progress: (VerificationProgress) -> Void
    ) throws {
        let beside = try Connection.connect(database)
        defer { beside.close() }
        var timelines = KeyTimelines(beside, bookID: bookID)
        var done: Int64 = 0
        func count() {
            done += 1
            if done % Self.progressRows == 0 {
                progress(VerificationProgress(phase: "signatures", done: done, total: 0))
            }
        }
        try connection.stream(Self.signedManifests, [.int8(bookID)], timeoutSeconds: Self.timeoutSeconds) { row in
            count()
            try checkManifest(row, slackMs: slackMs, &timelines, &report)
        }
        try connection.stream(Self.consents, [.int8(bookID)], timeoutSeconds: Self.timeoutSeconds) { row in
            count()
            let settlement = try row.text(0)
            if let fault = try Self.fault(ofConsent: row, slackMs: slackMs, &timelines) {
                report.add(.signatureInvalid, "the authorization of settlement \(settlement) \(fault)")
            }
        }
        guard let node = try connection.query(Self.node, [.int8(bookID)]).first.map({ try DID($0.text(0)) }) else {
            return
        }
        try connection.stream(Self.attestations, [.int8(bookID)], timeoutSeconds: Self.timeoutSeconds) { row in
            count()
            if let fault = Self.fault(
                payload: try row.bytea(1), cid: try row.text(0), token: try row.text(2), node: node)
            {
                report.add(.signatureInvalid, "attestation \(try row.text(0)) \(fault)")
            }
        }
        report.signatures = done
        progress(VerificationProgress(phase: "signatures", done: done, total: done))
    }

    private func checkManifest(
        _ row: Row, slackMs: Int64, _ timelines: inout KeyTimelines, _ report: inout VerificationReport
    ) throws {
        let cid = try row.text(0)
        // One that came in a batch was read with wider limits.
        guard let document = try? JSONDocument(parsing: try row.bytea(1), limits: .batch),
            let manifest = try? Manifest.parse(document.root)
        else { return report.add(.signatureInvalid, "manifest \(cid) is not one") }
        guard case .claimed = manifest.signature else {
            return report.add(.signatureInvalid, "manifest \(cid) is not signed")
        }
        for (name, signature) in [
            ("signature", manifest.signature), ("platform signature", manifest.platformSignature),
        ] {
            guard case .claimed(let signer, let bytes) = signature else { continue }
            let verdict = try timelines.timeline(of: signer).verdict(
                of: bytes, over: manifest.signedBytes, recordedAtMs: try row.int8(2),
                anchoredAt: try timelines.anchor(of: cid, by: signer), slackMs: slackMs)
            switch verdict {
            case .inForce: break
            case .outOfTime:
                report.add(.signatureInvalid, "manifest \(cid): the \(name) is by a key not in force of \(signer)")
            case .unknownKey:
                report.add(.signatureInvalid, "manifest \(cid): the \(name) is not \(signer)'s")
            }
        }
    }

    /// What is wrong with a payer's authorization; nil: nothing.
    private static func fault(
        ofConsent row: Row, slackMs: Int64, _ timelines: inout KeyTimelines
    ) throws -> String? {
        guard let token = try? JWS.parse(try row.text(2)), let payload = try? JSONDocument(parsing: token.payload).root
        else { return "is no token" }
        guard let grossMinor = try row.int8OrNil(4) else { return "has no settlement" }
        let payer = try DID(row.text(1))
        let claims = try [
            ("payer", row.text(1)), ("payer", row.text(8)), ("currency", row.text(5)), ("audience", row.text(6)),
            ("manifest_cid", row.text(7)),
        ]
        for (name, value) in claims where payload[name]?.stringEquals(value) != true { return "has another \(name)" }
        guard let most = payload["max_amount"]?.int64, grossMinor <= most else { return "is for less" }
        switch try timelines.timeline(of: payer).verdict(
            of: token.signature, over: token.signingInput, recordedAtMs: try row.int8(3), anchoredAt: nil,
            slackMs: slackMs)
        {
        case .inForce: return nil
        case .outOfTime: return "is by a key not in force of \(payer)"
        case .unknownKey: return "is not \(payer)'s"
        }
    }

    /// What is wrong with an attestation; nil: nothing.
    private static func fault(payload: [UInt8], cid: String, token: String, node: DID) -> String? {
        guard CID(codec: .dagCBOR, hashing: payload).string == cid else { return "is not what its CID says" }
        guard let jws = try? JWS.parse(token) else { return "has no token" }
        guard jws.payload == payload else { return "has another payload than its token" }
        guard let key = node.publicKey, jws.isValid(under: key) else { return "is not signed by the node" }
        return nil
    }

    private static let signedManifests = Statement(
        "verify_signed_manifests", "SELECT cid, json, time_ms FROM manifests WHERE book_id = $1")
    private static let consents = Statement(
        "verify_consents",
        """
        SELECT c.settlement_id, c.payer, c.token, c.time_ms, s.gross, coalesce(s.currency, ''), coalesce(s.caller, ''),
               coalesce(s.manifest_cid, ''), coalesce(s.payer, '')
        FROM consents c
        LEFT JOIN settlements s ON s.book_id = c.book_id AND s.settlement_id = c.settlement_id
        WHERE c.book_id = $1
        """)
    private static let attestations = Statement(
        "verify_attestations", "SELECT cid, payload, jws FROM attestations WHERE book_id = $1")
    private static let node = Statement("verify_node", "SELECT node_did FROM books WHERE book_id = $1")
}
