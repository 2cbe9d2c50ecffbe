import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// One accepted connection, as Hummingbird's server holds it: a task that ends when the connection does.
struct ServiceChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
    }

    let core: ServiceCore

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let edge = SocketEdge()
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = ServiceLimits.headers
            limits.maxHeaderListSize = ServiceLimits.headers
            limits.maxHeaderFieldCount = ServiceLimits.headerFields
            let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
            let operations = channel.pipeline.syncOperations
            try operations.addHandler(edge)
            try operations.addHandler(ByteToMessageHandler(decoder))
            try operations.addHandler(ConnectionHandler(core: core, edge: edge, channel: channel))
            return Value(channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            // The connection has ended either way.
            try? await value.channel.closeFuture.get()
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }
}
