import NIOCore
import NIOHTTP1

/// Collecting a request.
extension ConnectionHandler {
    /// Takes one part, or a failure of the parser, when no request is being answered.
    func take(_ queued: Queued) {
        switch (queued, phase) {
        case (_, .lingering), (_, .closed): break
        case (.part(.head(let head)), _): begin(head)
        case (.part(.body(let bytes)), _): collect(bytes)
        case (.part(.end), _): finish()
        case (.failure(let problem), _): refuse(problem)
        }
    }

    /// Takes what queued behind a request that is now answered, up to the next request that waits for its answer.
    func takeQueued() {
        guard !isTaking else { return }
        isTaking = true
        defer { isTaking = false }
        while phase != .answering, queueStart < queue.count, channel.isWritable {
            let next = queue[queueStart]
            queueStart += 1
            take(next)
        }
        if queueStart == queue.count {
            queue.removeAll(keepingCapacity: true)
            queueStart = 0
            releaseRead()
            if inputEnded, phase == .idle { closeAfterWrites() }
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        let fields = RequestFields(head.headers)
        let trace = fields.traceparent.flatMap(TraceID.init(traceparent:)) ?? traces.next()
        var pending = PendingRequest(
            RequestHead(head, fields: fields, trace: trace, clientAddress: clientAddress))
        core.route(&pending)
        request = pending
        enter(.body)
        if fields.expectsContinue, !fields.hasUpgrade { answerExpectation() }
    }

    /// `Expect: 100-continue`: a refusal is answered at once, for the client has not begun to send its body.
    private func answerExpectation() {
        guard let pending = request, pending.head.fields.contentLength ?? 1 > 0 else { return }
        if let refusal = pending.refusal {
            closesAfterReply = true
            refuse(refusal)
        } else {
            edge.write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
        }
    }

    private func collect(_ bytes: ByteBuffer) {
        guard var pending = request else { return }
        // The request is held once: a copy of its body here would be copied again on every append.
        request = nil
        pending.bodyBytes += bytes.readableBytes
        if pending.refusal == nil, let route = pending.route, pending.bodyBytes > core.routes[route].bodyLimit {
            pending.refusal = core.bodyTooLarge(core.routes[route])
        }
        if pending.refusal == nil { pending.refusal = core.keep(bytes, in: &pending) }
        if pending.refusal != nil { pending.body = nil }
        request = pending
        if let refusal = pending.refusal, pending.bodyBytes > ServiceLimits.drainedBody {
            closesAfterReply = true
            refuse(refusal)
        }
    }

    /// The request is complete: it is answered in a task that runs on this event loop, from here on at once.
    private func finish() {
        guard var pending = request else { return }
        pending.receivedAt = max(1, core.clock())
        request = pending
        phase = .answering
        deadline = nil
        if let refusal = pending.refusal {
            core.bodies.give(back: pending.budgeted)
            complete(core.refusal(refusal, of: pending))
            return
        }
        if let answer = pending.answer {
            core.bodies.give(back: pending.budgeted)
            complete(answer)
            return
        }
        core.metrics.inFlight.increment()
        let request = pending
        Task.immediate(executorPreference: executor) {
            let reply = await self.core.respond(to: request)
            self.core.metrics.inFlight.decrement()
            self.core.bodies.give(back: request.budgeted)
            self.complete(reply)
        }
    }

    /// Ends the connection with an answer to a request that has not arrived whole.
    func refuse(_ problem: Problem) {
        closesAfterReply = true
        var pending = request ?? PendingRequest.unparsed(trace: traces.next())
        core.bodies.give(back: pending.budgeted)
        pending.budgeted = 0
        pending.refusal = problem
        request = pending
        phase = .answering
        deadline = nil
        complete(core.refusal(problem, of: pending))
    }
}

extension PendingRequest {
    /// Stands for a request whose header fields did not arrive or could not be read.
    static func unparsed(trace: TraceID) -> PendingRequest {
        let head = HTTPRequestHead(version: .http1_1, method: .RAW(value: "-"), uri: "-")
        return PendingRequest(RequestHead(head, fields: RequestFields(head.headers), trace: trace))
    }
}
