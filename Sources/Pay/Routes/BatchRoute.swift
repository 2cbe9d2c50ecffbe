import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    /// Settlements of one batch: as many as the book's writer takes into one transaction.
    static let batchMax = 1000
    /// Members prepared between two chances for other requests on this thread: some 15 µs each.
    private static let yieldEvery = 32

    var batchRoute: Route {
        Route(
            .post, "/api/settle/batch", id: "settleBatch", summary: "Settles up to 1,000 requests under one signature.",
            description: """
                Each member has its own `idempotency_key` and its own answer, in order. A member and a single \
                request with the same key and content are one. With `atomic` all are settled or none: the first that \
                is refused answers for itself, the others 424 `batch_aborted`.
                """,
            tag: "settlements", auth: .signed(scopes: ["settle"], note: "each member's `from_did` itself"),
            idempotency: .optional, request: PaySchema.batchRequest,
            responses: [.json(200, "Each member's answer, in order.", PaySchema.batchReply)],
            errors: [.fieldInvalid, .idempotencyInFlight, .databaseUnavailable], bodyLimit: ServiceLimits.batchBody,
            jsonLimits: .batch, handler: settleBatch)
    }

    /// Where a member stands: with the book, or refused before it.
    private enum Slot {
        case command(Int)
        case refused(Problem)
    }

    @Sendable
    private func settleBatch(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller()
        let fields = try Body(try call.json().root)
        guard let list = fields["settlements"], list.kind == .array, (1...Self.batchMax).contains(list.count) else {
            throw Body.invalid("settlements", "is a list of 1 to \(Self.batchMax) settlement requests")
        }
        let isAtomic = try Self.isAtomic(fields)
        var prepared: [PreparedSettlement] = []
        var slots: [Slot] = []
        for member in list.elements {
            if slots.count % Self.yieldEvery == Self.yieldEvery - 1 { await Task.yield() }
            do throws(Problem) {
                let key = try Self.key(of: member)
                prepared.append(try await prepare(member, key: key, caller: caller, nowMs: call.receivedAt))
                slots.append(.command(prepared.count - 1))
            } catch {
                slots.append(.refused(error))
            }
        }
        if isAtomic, prepared.count < slots.count { return Self.reply(list, Self.aborted(slots), [], call) }
        let commands = prepared.map { $0.command.traced(call.traceID) }
        let decisions = commands.isEmpty ? [] : try await submit(commands, atomically: isAtomic)
        for (decision, member) in zip(decisions, prepared) { note(decision, member) }
        for case .refused(let problem) in slots { dependencies.metrics.answered(code: problem.code.code) }
        return Self.reply(list, slots, decisions, call)
    }

    private static func isAtomic(_ fields: Body) throws(Problem) -> Bool {
        guard let value = fields["atomic"] else { return false }
        guard let isAtomic = value.bool else { throw Body.invalid("atomic", "is true or false") }
        return isAtomic
    }

    private static func key(of member: JSONValue) throws(Problem) -> String {
        guard let value = member["idempotency_key"], !value.isNull else { throw Problem(.idempotencyKeyMissing) }
        guard let text = value.string else { throw Problem(.idempotencyKeyInvalid) }
        return try IdempotencyKey.parse(text)
    }

    /// The first refused member keeps its answer; nothing is done of the others.
    private static func aborted(_ slots: [Slot]) -> [Slot] {
        var isFirst = true
        return slots.map { slot in
            if case .refused = slot, isFirst {
                isFirst = false
                return slot
            }
            return .refused(Problem(.batchAborted, Refusal.batchAborted.detail))
        }
    }

    private static func reply(_ list: JSONValue, _ slots: [Slot], _ decisions: [Decision], _ call: Call) -> Reply {
        .json { out in
            out.beginObject()
            out.key("settlements")
            out.beginArray()
            for (member, slot) in zip(list.elements, slots) {
                out.beginObject()
                out.field("idempotency_key", member["idempotency_key"]?.string)
                switch slot {
                case .refused(let problem): write(problem, &out, traceID: call.traceID)
                case .command(let index): write(decisions[index], &out, call)
                }
                out.endObject()
            }
            out.endArray()
            out.endObject()
        }
    }

    private static func write(_ decision: Decision, _ out: inout JSONWriter, _ call: Call) {
        let outcome = decision.outcome
        guard outcome.code == nil else {
            return write(
                outcome.problem, &out, traceID: decision.trace(of: call.traceID), isReplayed: decision.isReplayed)
        }
        out.field("status", outcome.status)
        out.field("replayed", decision.isReplayed)
        out.field("body", raw: outcome.body)
    }

    private static func write(
        _ problem: Problem, _ out: inout JSONWriter, traceID: String, isReplayed: Bool = false
    ) {
        out.field("status", problem.status)
        out.field("replayed", isReplayed)
        out.key("body")
        problem.write(to: &out, traceID: traceID)
    }
}
