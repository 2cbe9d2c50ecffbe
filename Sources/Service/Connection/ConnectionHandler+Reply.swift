import NIOCore
import NIOHTTP1

/// Answering, and what follows an answer.
extension ConnectionHandler {
    /// Writes the answer of the current request and goes on with the next one.
    func complete(_ reply: Reply) {
        channel.eventLoop.preconditionInEventLoop()
        guard let done = request else { return }
        request = nil
        var reply = core.dressed(reply, for: done)
        if !ReplyEncoder.areSendable(reply) {
            core.logUnsendable(done)
            reply = core.dressed(core.refusal(Problem(.internalError), of: done), for: done)
        }
        core.record(done, reply)
        guard phase == .answering else { return }
        let hasArrived = done.receivedAt != 0
        let isLast = inputEnded && queueStart == queue.count
        guard closesAfterReply || !hasArrived || !done.head.keepsAlive || isLast else {
            edge.write(encode(reply, for: done, closes: false))
            enter(.idle)
            takeQueued()
            releaseRead()
            return
        }
        leave(encode(reply, for: done, closes: true), lingers: !hasArrived || queueStart < queue.count)
    }

    private func encode(_ reply: Reply, for request: PendingRequest, closes: Bool) -> ByteBuffer {
        var buffer = channel.allocator.buffer(capacity: reply.body.count + 320)
        let frame = ReplyEncoder.Frame(
            trace: request.head.trace, date: date.value(at: core.clock()), closes: closes,
            isHead: request.head.method == .head)
        ReplyEncoder.encode(reply, frame, into: &buffer)
        return buffer
    }

    /// Closes when the last answer is with the kernel. Bytes of the client that were not read would have the system
    /// reset the connection and the answer be lost: then only the output is closed, and the input drained for a while.
    private func leave(_ answer: ByteBuffer, lingers: Bool) {
        queue.removeAll()
        queueStart = 0
        enter(.lingering)
        deadline = .now() + .milliseconds(core.timeouts.writeMilliseconds)
        let written = channel.eventLoop.makePromise(of: Void.self)
        edge.write(answer, promise: written)
        written.futureResult.whenComplete { _ in
            guard lingers, self.phase == .lingering, !self.inputEnded else { return self.close() }
            self.enter(.lingering)
            self.channel.close(mode: .output, promise: nil)
            self.releaseRead()
        }
    }

    /// Reads on, if a read was held back.
    func releaseRead() {
        guard isReadHeld, queueStart == queue.count, channel.isWritable || phase == .lingering else { return }
        isReadHeld = false
        channel.read()
    }

    /// Closes the connection when every answer is with the kernel.
    func closeAfterWrites() {
        leave(channel.allocator.buffer(capacity: 0), lingers: false)
    }

    /// Closes the connection at once.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        channel.close(promise: nil)
    }
}
