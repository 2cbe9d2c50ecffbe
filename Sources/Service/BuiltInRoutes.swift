import Cryptography
import Logging
import Synchronization

/// The routes that every service has.
enum BuiltInRoutes {
    static func status(service: String, readiness: Readiness, metrics: MetricsRegistry) -> [Route] {
        let alive = Schema.object([.required("status", .enumeration(["ok"])), .required("service", .string)])
        let check = Schema.object([
            .required("name", .string), .required("ok", .boolean), .optional("reason", .string("Why it is not.")),
        ])
        let ready = Schema.object([.required("ready", .boolean), .required("checks", .array(of: check))])
        return [
            Route(
                .get, "/api/health", id: "getHealth", summary: "Whether the service is alive.", tag: "status",
                responses: [.json(200, "It is.", alive)]
            ) { _ in
                .json { writer in
                    writer.beginObject()
                    writer.text("status", "ok")
                    writer.text("service", service)
                    writer.endObject()
                }
            },
            Route(
                .get, "/api/ready", id: "getReady", summary: "Whether the service can serve.", tag: "status",
                responses: [.json(200, "It can.", ready)], errors: [.notReady]
            ) { call in try await readiness.reply(traceID: call.traceID) },
            Route(
                .get, "/metrics", id: "getMetrics", summary: "Counters, for Prometheus.", tag: "status",
                responses: [.text(200, "Prometheus text format.")]
            ) { _ in .text(200, metrics.render(), contentType: "text/plain; version=0.0.4; charset=utf-8") },
        ]
    }

    static func specification(_ box: SpecificationBox) -> Route {
        Route(
            .get, "/api/spec", id: "getSpecification", summary: "This specification.", tag: "status",
            responses: [.json(200, "OpenAPI 3.1.", .object([], additional: true))]
        ) { _ in .json(200, box.document) }
    }
}

/// The specification, which is made of a route table that its own route is in.
final class SpecificationBox: Sendable {
    private let stored = Mutex<[UInt8]>([])

    var document: [UInt8] { stored.withLock { $0 } }

    func set(_ document: [UInt8]) { stored.withLock { $0 = document } }
}

/// Runs the readiness checks.
struct Readiness: Sendable {
    private let checks: [ReadinessCheck]
    private let timeoutMilliseconds: Int64
    private let logger: Logger

    init(_ configuration: ServiceConfiguration) {
        checks = configuration.checks
        timeoutMilliseconds = configuration.timeouts.readinessMilliseconds
        logger = configuration.logger
    }

    /// 200 when every check passes that the service cannot serve without, else 503 `not_ready`; with all checks.
    func reply(traceID: String) async throws -> Reply {
        let reasons = await reasons(traceID: traceID)
        var list = JSONWriter()
        list.beginArray()
        for check in checks {
            list.beginObject()
            list.text("name", check.name)
            list.key("ok")
            list.bool(reasons[check.name] == nil)
            if let reason = reasons[check.name] { list.text("reason", reason) }
            list.endObject()
        }
        list.endArray()
        let missing = checks.filter { $0.isEssential && reasons[$0.name] != nil }.map(\.name)
        guard missing.isEmpty else {
            let detail = reasons.filter { missing.contains($0.key) }.sorted { $0.key < $1.key }.map {
                "\($0.key): \($0.value)"
            }.joined(separator: "; ")
            throw Problem(.notReady, detail, extra: [("ready", .bool(false)), ("checks", .raw(list.bytes))])
        }
        return .json { writer in
            writer.beginObject()
            writer.key("ready")
            writer.bool(true)
            writer.key("checks")
            writer.raw(list.bytes)
            writer.endObject()
        }
    }

    /// Why each failed check failed, by name. A check that does not end in time is left to itself.
    private func reasons(traceID: String) async -> [String: String] {
        let results = AsyncStream<(name: String, reason: String?)>.makeStream()
        for check in checks {
            Task { results.continuation.yield((check.name, await reason(check, traceID: traceID))) }
        }
        let timer = Task {
            try await Task.sleep(for: .milliseconds(timeoutMilliseconds))
            results.continuation.finish()
        }
        defer { timer.cancel() }
        var reasons = Dictionary(uniqueKeysWithValues: checks.map { ($0.name, "no answer in time") })
        var open = checks.count
        guard open > 0 else { return [:] }
        for await result in results.stream {
            reasons[result.name] = result.reason
            open -= 1
            if open == 0 { break }
        }
        return reasons
    }

    private func reason(_ check: ReadinessCheck, traceID: String) async -> String? {
        do {
            try await check.check()
            return nil
        } catch let problem as Problem {
            return problem.detail ?? problem.code.title
        } catch {
            logger.warning(
                "readiness check failed",
                metadata: [
                    "trace_id": .string(traceID), "check": .string(check.name),
                    "error": .string(String(reflecting: error)),
                ])
            return "failed"
        }
    }
}
