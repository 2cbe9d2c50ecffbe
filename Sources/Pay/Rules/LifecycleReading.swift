import Cryptography
import Kernel
import Service
import Settlement

/// A stored lifecycle with its life, event by event.
typealias Life = (row: LifecycleRow, events: [LifecycleEvent])

extension PayService {
    /// A lifecycle; nil when there is none.
    /// - Throws: `database_unavailable` and what else reading throws.
    func lifecycle(_ id: String) async throws(Problem) -> LifecycleRow? { try await life(of: id)?.row }

    /// A lifecycle with its events; nil when there is none.
    func life(of id: String) async throws(Problem) -> Life? {
        guard Self.isIdentifier(id) || id.hasPrefix(Payee.id("")) else { return nil }
        do throws(LedgerFailure) { return try await store.lifecycle(id) } catch { throw Problem(error) }
    }

    /// The rail of a name, when it is on and can do what is asked.
    /// - Throws: `rail_off`, `rail_unsupported`; `field_invalid` for a rail that no node has.
    @discardableResult
    func on(_ name: RailName, able capabilities: RailCapabilities) throws(Problem) -> any Rail {
        guard let rail = worker?.rail(name) else {
            guard Self.knownRails.contains(name) || desk?.off[name] != nil else {
                throw Body.invalid("rail", "is one of \(Self.knownRails.map(\.rawValue).joined(separator: ", "))")
            }
            throw Problem(.railOff, "the rail \(name) is off: \(desk?.off[name] ?? "its settings are missing")")
        }
        guard rail.capabilities.isSuperset(of: capabilities) else {
            throw Problem(.railUnsupported, "the rail \(name) cannot do this")
        }
        return rail
    }

    /// Bounds a caller whom the operator does not know: what it asks for costs a call of a rail, or an entry.
    func limitStrangers(_ did: DID, _ call: Call) throws(Problem) {
        guard rules.callers.grant(for: did) == nil else { return }
        try rules.strangersLimiter?.take(did.string, nowMilliseconds: call.receivedAt)
    }

    /// Has the worker do the first steps of something at once. What it cannot do now, its loop does: what was asked for
    /// is stored. Where another is at it, the loop or a request with the same key, its answer is awaited.
    func drive(_ id: String) async {
        guard let desk else { return }
        let deadline = ContinuousClock.now + .milliseconds(desk.waitMs)
        await waitAWhile { worker async throws(LedgerFailure) in
            try await worker.drive(id)
            while ContinuousClock.now < deadline, try await worker.isBeingCalled(id) {
                try? await Task.sleep(for: Self.lookAgain)
            }
        }
    }

    /// Between looks for another's answer.
    private static let lookAgain: Duration = .milliseconds(50)

    /// Has the worker do something, and waits for it as long as a client can be expected to. It goes on when the wait
    /// is over, or the client is gone.
    func waitAWhile(
        _ work: @escaping @Sendable (RailWorker) async throws(LedgerFailure) -> Void
    ) async {
        guard let worker, let desk else { return }
        let (stream, end) = AsyncStream<Never>.makeStream()
        Task {
            do throws(LedgerFailure) { try await work(worker) } catch {
                // It is stored what is to be done, and the loop does it.
            }
            end.finish()
        }
        let timer = Task {
            try? await Task.sleep(for: .milliseconds(desk.waitMs))
            end.finish()
        }
        for await _ in stream {}
        timer.cancel()
    }

    /// Has the book refuse a request, so that a key that was answered before gets its first answer.
    func refuse(_ problem: Problem, _ call: Call, requestHash: [UInt8]) async throws -> Decision {
        let order = RefuseOrder(
            status: problem.status, code: problem.code.code, detail: problem.detail ?? problem.code.title)
        let command = Command(
            caller: try call.requireCaller().did.string, key: call.idempotencyKey ?? "", requestHash: requestHash,
            action: .refuse(order))
        return try await submit(command.traced(call.traceID))
    }

    /// One page of lifecycles, newest first.
    func page(_ filter: LifecycleFilter, _ call: Call) async throws -> Reply {
        let page = try call.page()
        var filter = filter
        // One more than asked for tells whether there is a next page.
        filter.limit = page.limit + 1
        filter.before = try page.cursor.map { bytes throws(Problem) in
            let id = String(decoding: bytes, as: UTF8.self)
            guard Self.isIdentifier(id) else {
                throw Problem(.cursorInvalid, "cursor is not one that a previous page gave")
            }
            return id
        }
        let wanted = filter
        let rows = try await read { () throws(LedgerFailure) in try await store.lifecycles(wanted) }
        let shown = rows.prefix(page.limit)
        return .page(
            shown.map { LifecycleReply.render($0) },
            next: rows.count > page.limit ? shown.last.map { Array($0.id.utf8) } : nil)
    }

    /// The `status` of a list's query; empty: any.
    static func statuses(_ call: Call, of known: [String]) throws(Problem) -> [String] {
        guard let text = try call.queryValue("status") else { return [] }
        guard known.contains(text) else {
            throw Problem(.queryInvalid, "status is one of \(known.joined(separator: ", "))")
        }
        return [text]
    }

    /// A query parameter that is a DID.
    static func queryDID(_ name: String, _ call: Call) throws(Problem) -> DID? {
        guard let text = try call.queryValue(name) else { return nil }
        do throws(CryptographyError) { return try DID(text) } catch {
            throw Problem(.queryInvalid, "\(name) is not a DID")
        }
    }

    /// What is answered for a thing that is not there, and for one that the caller may not see: the same.
    static func notThere(_ name: String) -> Problem { Problem(.notFound, "there is no such \(name) for this caller") }
}

extension Problem {
    /// A rail's refusal: its code where it is one of ours, with the rail's sentence.
    init(_ refusal: RailRefusal) { self.init(ProblemCode.named(refusal.code, status: 422), refusal.reason) }
}
