import Glibc
import Kernel
import Logging
import PostgresClient
import Settlement

extension PosterThread {
    /// The poster's hands: asks the database, and turns what came of it into the machine's events.
    struct Worker {
        private let settings: Settings
        private let loader: PosterLoader
        private var writer: PosterWriter
        private var connection: Connection?
        private var failures = 0

        /// First wait after a failure, doubled with each up to `backoffMaxMs`: some 0.75 s over five attempts.
        private static let backoffMs: UInt32 = 50
        private static let backoffMaxMs: UInt32 = 400

        init(settings: Settings) {
            self.settings = settings
            loader = PosterLoader(bookID: settings.book.bookID)
            writer = PosterWriter(bookID: settings.book.bookID, leaseMs: settings.leaseMs)
        }

        mutating func perform(_ effect: PosterEffect) -> PosterEvent? {
            do {
                let event = try attempt(effect)
                failures = 0
                return event
            } catch {
                return failed(effect, error)
            }
        }

        mutating func close() {
            connection?.close()
            connection = nil
        }

        private mutating func attempt(_ effect: PosterEffect) throws -> PosterEvent? {
            let connection = try connected()
            let book = settings.book.bookID
            switch effect {
            case .acquireLease:
                guard let row = try acquire(book, on: connection) else { return .leaseDenied }
                let head = BookHead(seq: try row.int8(1), hash: try row.bytea(2), timeMs: try row.int8(3))
                let lease = Lease(epoch: try row.int8(0), head: head, nextAccountID: try row.int8(4))
                settings.logger.notice("this process writes the book now", metadata: ["epoch": "\(lease.epoch)"])
                return .leaseGranted(lease)
            case .renewLease(let epoch):
                let rows = try connection.query(
                    BookStatements.renew, [.int8(book), .int8(epoch), .int8(settings.leaseMs)])
                return rows.affected == 1 ? .leaseRenewed : .failed(.lease, .fenced)
            case .releaseLease(let epoch):
                try connection.query(BookStatements.release, [.int8(book), .int8(epoch)])
                return nil
            case .load(let number, let requirements):
                return .loaded(number, try loader.load(requirements, nowMs: settings.clock(), on: connection))
            case .commit(let commit):
                let before = Monotonic.microseconds()
                try writer.write(commit, on: connection)
                settings.observer.committed(commit, Monotonic.microseconds() - before)
                return .committed
            case .forward, .answer, .fail: preconditionFailure("not asked of the database")
            }
        }

        /// Takes the lease when it is free, ours, or held by a process that is gone.
        ///
        /// Only a writer whose lease is over can be in the way of that, with a batch that it does not end: because its
        /// process stands still, or its connection hangs. After another `leaseMs` its connection is closed by the
        /// database, which undoes the batch, or finds it committed; the book's row tells.
        private func acquire(_ book: Int64, on connection: Connection) throws -> Row? {
            do {
                return try acquireWithoutForce(book, on: connection)
            } catch let error as PostgresError where error.sqlState == SQLState.lockNotAvailable {
                guard let holder = try holder(of: book, on: connection) else { return nil }
                settings.logger.notice(
                    "closing the connection of a writer that holds the book's row past its lease",
                    metadata: ["holder": "\(holder)"])
                try connection.query(
                    BookStatements.endWriter, [.text(WriterName.make(holder: holder, bookID: book))])
                return try acquireWithoutForce(book, on: connection)
            }
        }

        private func acquireWithoutForce(_ book: Int64, on connection: Connection) throws -> Row? {
            func acquire(asIfFrom holder: String) throws -> Row? {
                try connection.pipeline { pipe in
                    try pipe.send(BookStatements.lockTimeout, [.text("\(settings.leaseMs)")])
                    try pipe.send(
                        BookStatements.acquire,
                        [.int8(book), .text(settings.holder), .int8(settings.leaseMs), .text(holder)])
                }[1].first
            }
            if let row = try acquire(asIfFrom: settings.holder) { return row }
            guard let holder = try holder(of: book, on: connection), settings.isHolderGone(holder) else { return nil }
            settings.logger.notice("taking the lease of a process that is gone", metadata: ["holder": "\(holder)"])
            return try acquire(asIfFrom: holder)
        }

        private func holder(of book: Int64, on connection: Connection) throws -> String? {
            try connection.query(BookStatements.holder, [.int8(book)]).first?.text(0)
        }

        private mutating func connected() throws -> Connection {
            if let connection, connection.isUsable { return connection }
            connection?.close()
            connection = nil
            let fresh = try Connection.connect(settings.database)
            connection = fresh
            return fresh
        }

        private mutating func failed(_ effect: PosterEffect, _ error: any Error) -> PosterEvent? {
            let failure = Self.failure(error)
            if failure != .fenced {
                settings.logger.warning("the poster's database call failed", metadata: ["reason": "\(failure)"])
                let wait = min(Self.backoffMs << UInt32(min(failures, 8)), Self.backoffMaxMs)
                failures += 1
                usleep(wait * 1000)
            } else {
                settings.logger.notice("another process took the lease")
            }
            return effect.call.map { .failed($0, failure) }
        }

        static func failure(_ error: any Error) -> StoreFailure {
            guard let error = error as? PostgresError else { return .rejected("\(error)") }
            if error.sqlState == PosterWriter.fencedState { return .fenced }
            if error.outcomeUnknown { return .outcomeUnknown(error.code) }
            if error.isRetryable || error.kind != .server { return .unavailable(error.code) }
            return .rejected("\(error.sqlState ?? "-") \(error.message)")
        }
    }
}

/// A clock for durations.
enum Monotonic {
    static func microseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
