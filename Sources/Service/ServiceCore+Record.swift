import Logging
import NIOCore

/// Counting and logging answers.
extension ServiceCore {
    /// Counts an answer, and logs it: failures as warnings, refusals as information, the rest for debugging.
    func record(_ request: PendingRequest, _ reply: Reply) {
        let elapsed = NIODeadline.now() - request.head.startedAt
        metrics.record(route: request.route, status: reply.status, microseconds: elapsed.nanoseconds / 1000)
        let level: Logger.Level = reply.status >= 500 ? .warning : reply.status >= 400 ? .info : .debug
        guard level >= logger.logLevel else { return }
        logger.log(
            level: level, "request",
            metadata: [
                "trace_id": .string(request.head.trace.description),
                "method": .string(request.head.methodName),
                "route": .string(request.route.map { routes[$0].path } ?? "none"),
                "status": .stringConvertible(reply.status),
                "microseconds": .stringConvertible(elapsed.nanoseconds / 1000),
                "request_bytes": .stringConvertible(request.bodyBytes),
                "reply_bytes": .stringConvertible(reply.body.count),
            ])
    }

    /// A handler answered with header fields that cannot be sent.
    func logUnsendable(_ request: PendingRequest) {
        logger.error(
            "a reply's header fields cannot be sent",
            metadata: [
                "trace_id": .string(request.head.trace.description),
                "route": .string(request.route.map { routes[$0].path } ?? "none"),
            ])
    }
}
