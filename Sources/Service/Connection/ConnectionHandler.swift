import NIOCore
import NIOHTTP1

/// One connection of a client: collects each request, has it answered, writes the answer, and keeps the time limits.
///
/// Requests are answered in the order they came; those that arrive behind one being answered wait in `queue`.
///
/// `@unchecked Sendable`: every member is touched on the connection's event loop only. The channel calls its handlers
/// there, the timers are the event loop's own, and the task that runs a handler starts there and comes back there,
/// because its executor is that event loop (`complete` checks it).
final class ConnectionHandler: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never

    enum Phase {
        /// Between requests.
        case idle
        /// Bytes arrived, the header fields are not complete.
        case head
        /// The header fields are complete, the body is not.
        case body
        /// Being answered.
        case answering
        /// The last answer is sent; bytes still arriving are dropped until the client has read it.
        case lingering
        case closed
    }

    enum Queued {
        case part(HTTPServerRequestPart)
        case failure(Problem)
    }

    let core: ServiceCore
    let edge: SocketEdge
    let channel: any Channel
    let executor: EventLoopTaskExecutor
    var traces = TraceIDGenerator()
    var date = DateField()

    var phase = Phase.idle
    var deadline: NIODeadline?
    var request: PendingRequest?
    var queue: [Queued] = []
    var queueStart = 0
    var isTaking = false
    var closesAfterReply = false
    var inputEnded = false
    /// The parser found what is not HTTP: there is no next request.
    var hasFailed = false
    var isReadHeld = false
    var tick: Scheduled<Void>?
    /// Asked for once: it costs a formatting, and does not change.
    lazy var clientAddress = channel.remoteAddress?.ipAddress

    init(core: ServiceCore, edge: SocketEdge, channel: any Channel) {
        self.core = core
        self.edge = edge
        self.channel = channel
        self.executor = EventLoopTaskExecutor(channel.eventLoop)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        core.metrics.connections.increment()
        edge.connection = self
        enter(.idle)
        scheduleTick()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        core.metrics.connections.decrement()
        phase = .closed
        tick?.cancel()
        edge.connection = nil
        // A request that is still being answered gives its bytes back itself.
        if let request, request.receivedAt == 0 { core.bodies.give(back: request.budgeted) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = Self.unwrapInboundIn(data)
        if mustQueue {
            queue.append(.part(part))
        } else {
            take(.part(part))
            takeQueued()
        }
    }

    private var mustQueue: Bool {
        phase == .answering || isTaking || queueStart < queue.count || !channel.isWritable
    }

    func read(context: ChannelHandlerContext) {
        if queue.count - queueStart > ServiceLimits.pipelinedParts || !channel.isWritable {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Errors of the socket close the channel by themselves; the parser repeats itself on bytes after its failure.
        guard let parserError = error as? HTTPParserError, !hasFailed else { return }
        if case .invalidEOFState = parserError {
            endInput()
            return
        }
        hasFailed = true
        let failure = Self.problem(for: parserError)
        if mustQueue {
            queue.append(.failure(failure))
        } else {
            take(.failure(failure))
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if channel.isWritable {
            if phase == .idle { enter(.idle) }
            takeQueued()
            releaseRead()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            endInput()
        case is ChannelShouldQuiesceEvent: quiesce()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// The client sends no more: what it sent whole is answered, then the connection closes.
    private func endInput() {
        inputEnded = true
        if phase == .lingering || (phase != .answering && queueStart == queue.count) { closeAfterWrites() }
    }

    static func problem(for error: HTTPParserError) -> Problem {
        switch error {
        case .headerOverflow:
            Problem(.headersTooLarge, "the target and header fields are over \(ServiceLimits.headers) bytes")
        case .invalidVersion: Problem(.malformedRequest, "the version is not HTTP/1.0 or HTTP/1.1")
        case .invalidMethod: Problem(.malformedRequest, "the method is unknown")
        case .invalidContentLength, .unexpectedContentLength:
            Problem(.malformedRequest, "Content-Length is invalid or contradicted")
        case .invalidChunkSize: Problem(.malformedRequest, "a chunk's size is invalid")
        case .invalidHeaderToken: Problem(.malformedRequest, "a header field is invalid")
        default: Problem(.malformedRequest)
        }
    }
}
