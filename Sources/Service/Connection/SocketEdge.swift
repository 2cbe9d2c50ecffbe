import NIOCore

/// The handler next to the socket: it tells the connection that bytes arrived, before they are parsed, and writes
/// replies that are bytes already, past the parser.
final class SocketEdge: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Told of every read before it is parsed; nil drops what is read.
    var connection: ConnectionHandler?
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        connection = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let connection, connection.bytesArrived() else { return }
        context.fireChannelRead(data)
    }

    /// Writes and flushes bytes; `promise` when they are with the kernel.
    func write(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.writeAndFlush(NIOAny(bytes), promise: promise)
    }
}
