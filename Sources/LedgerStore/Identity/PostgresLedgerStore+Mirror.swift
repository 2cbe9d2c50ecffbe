import Cryptography
import Kernel
import PostgresClient
import ProofChain
import Settlement

/// Writing the copy of identities. Each step is one transaction that holds the cursor's row, and does nothing when
/// another process has moved it meanwhile: whoever loses reads again.
extension PostgresLedgerStore {
    /// What became of a page.
    enum MirrorStep: Sendable {
        /// It was taken.
        case taken(MirrorChanges)
        /// It is refused, and nothing was changed.
        case refused(MirrorRefusal)
        /// Another process was faster.
        case lost
    }

    /// Sets the cursor of a relay to the beginning of its log, keeping what is known and the count of entries.
    ///
    /// - Parameters:
    ///   - isReread: whether the relay's own log is read again, so that it is noted when it lost something. Not for
    ///     another relay: it may have more or less.
    ///   - expected: what was read before; nil when there was none.
    func restartMirror(relay: String, isReread: Bool, expected: IdentityCursor?) async throws(LedgerFailure) {
        let bookID = book.bookID
        _ = try await read { connection in
            try connection.transaction { connection in
                let now = try Self.lockCursor(bookID, connection)
                guard now == expected else { return }
                // Where there was no row nothing is locked: one that another process made meanwhile stays as it is.
                try connection.query(
                    Self.restartCursor,
                    [.int8(bookID), .text(relay), .int8(isReread ? 0 : nil), .bool(expected != nil)])
            }
        }
    }

    /// Takes a page behind the cursor.
    /// - Parameters:
    ///   - cursor: where the next page begins.
    ///   - asked: when the page was asked for, milliseconds since 1970.
    ///   - isLast: whether the log ends with it: then the copy was complete at `asked`.
    func takeMirrorPage(
        _ page: MirrorPage, cursor: String, expected: IdentityCursor, time: ReadingTime, askedAtMs: Int64, isLast: Bool
    ) async throws(LedgerFailure) -> MirrorStep {
        let bookID = book.bookID
        return try await read { connection in
            try connection.transaction { connection -> MirrorStep in
                guard try Self.lockCursor(bookID, connection) == expected else { return .lost }
                let facts = try Self.facts(page, bookID, connection)
                let changes: MirrorChanges
                do throws(MirrorRefusal) {
                    changes = try IdentityMirror.take(page, facts, at: time, isReread: expected.reread != nil)
                } catch {
                    return .refused(error)
                }
                try Self.write(changes, time, bookID, connection)
                let position = expected.position + Int64(page.count)
                let reread = expected.reread.map { $0 + Int64(changes.operationsSeen) }
                if isLast, let reread {
                    let held = try connection.query(Self.countOperations, [.int8(bookID)]).one().int8(0)
                    if reread < held {
                        // The relay lost what it had. What is new in it was taken; complete it is not.
                        try connection.query(
                            Self.moveCursor,
                            [.int8(bookID), .text(""), .int8(position), .int8(0), .int8(expected.syncedAtMs)])
                        return .refused(.logShortened(heldCount: held, metCount: reread))
                    }
                }
                try connection.query(
                    Self.moveCursor,
                    [
                        .int8(bookID), .text(cursor), .int8(position), .int8(isLast ? nil : reread),
                        .int8(isLast ? max(askedAtMs, expected.syncedAtMs) : expected.syncedAtMs),
                    ])
                return .taken(changes)
            }
        }
    }

    static func lockCursor(_ bookID: Int64, _ connection: Connection) throws -> IdentityCursor? {
        try connection.query(Self.selectCursorForUpdate, [.int8(bookID)]).first.map { try IdentityCursor($0) }
    }

    private static func facts(_ page: MirrorPage, _ bookID: Int64, _ connection: Connection) throws -> MirrorFacts {
        var facts = MirrorFacts()
        let operations = page.operations.map(\.bytes)
        if !operations.isEmpty {
            for row in try connection.query(Self.selectOperations, [.int8(bookID), .byteas(operations)]) {
                facts.operations.insert(try CID(bytes: row.bytea(0)))
            }
        }
        let identities = page.identities.map(\.string)
        if !identities.isEmpty {
            for row in try connection.query(Self.selectIdentities, [.int8(bookID), .texts(identities)]) {
                facts.identities[try DFOSDID(row.text(0))] = try MirroredIdentity(
                    state: row.bytea(1), standings: row.bytea(2), position: row.int8(3),
                    brokenAtPosition: row.int8OrNil(4))
            }
        }
        let dids = page.dids.map(\.string)
        if !dids.isEmpty {
            for row in try connection.query(Self.selectBindings, [.int8(bookID), .texts(dids)]) {
                let binding = try DIDBinding(row)
                facts.bindings[binding.did] = binding
            }
        }
        return facts
    }

    private static func write(
        _ changes: MirrorChanges, _ time: ReadingTime, _ bookID: Int64, _ connection: Connection
    ) throws {
        let identities = Array(changes.identities.values)
        let operations = changes.operations
        let anchors = changes.anchors
        try connection.pipeline { pipe in
            if !operations.isEmpty {
                try pipe.send(
                    Self.insertOperations,
                    [
                        .int8(bookID), .byteas(operations.map(\.cid.bytes)), .texts(operations.map(\.identity.string)),
                        .int8s(operations.map(\.position)), .int8(time.seenAtMs),
                    ])
            }
            if !identities.isEmpty {
                try pipe.send(
                    Self.upsertIdentities,
                    [
                        .int8(bookID), .texts(identities.map(\.state.did.string)),
                        .texts(identities.map(\.state.headCID.string)), .int8s(identities.map(\.position)),
                        .byteas(identities.map { $0.state.encoded() }),
                        .byteas(identities.map { $0.encodedStandings() }),
                        .int8s(identities.map { $0.brokenAtPosition ?? 0 }),
                    ])
            }
            for binding in changes.bindings.values { try pipe.send(Self.upsertBinding, binding.parameters(bookID)) }
            if !identities.isEmpty {
                try pipe.send(
                    Self.touchBindings,
                    [.int8(bookID), .texts(identities.map(\.state.did.string))])
            }
            if !anchors.isEmpty {
                try pipe.send(
                    Self.insertAnchors,
                    [
                        .int8(bookID), .texts(anchors.map(\.manifest.string)), .texts(anchors.map(\.author.string)),
                        .int8s(anchors.map(\.position)),
                    ])
            }
        }
    }
}

extension DIDBinding {
    func parameters(_ bookID: Int64) -> [Parameter] {
        [
            .int8(bookID), .text(did.string), .bytea(did.publicKey?.rawBytes ?? []), .text(identity.string),
            .int8(moment.position), .int8(moment.atMs),
            .text(conflict?.identity.string), .int8(conflict?.moment.position), .int8(conflict?.moment.atMs),
            .int8(conflict?.resolvedAtMs),
        ]
    }
}
