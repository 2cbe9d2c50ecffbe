import NIOCore
import NIOHTTP1

/// One connection: reads requests, writes what the server answers, or closes.
final class StripeConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (StripeRequest) async -> StripeAnswer?
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(answer: @escaping @Sendable (StripeRequest) async -> StripeAnswer?) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let bytes):
            body.append(contentsOf: bytes.readableBytesView)
            if body.count > StripeServer.bodyBytesMax { context.close(promise: nil) }
        case .end:
            guard let head else { return }
            let request = StripeRequest(
                method: head.method.rawValue, target: head.uri, form: body,
                authorization: head.headers.first(name: "Authorization"),
                version: head.headers.first(name: "Stripe-Version"),
                account: head.headers.first(name: "Stripe-Account"),
                idempotencyKey: head.headers.first(name: "Idempotency-Key"),
                contentType: head.headers.first(name: "Content-Type"))
            Self.respond(to: request, answer, isKeptAlive: head.isKeepAlive, on: context.channel)
        }
    }

    private static func respond(
        to request: StripeRequest, _ answer: @escaping @Sendable (StripeRequest) async -> StripeAnswer?,
        isKeptAlive: Bool, on channel: any Channel
    ) {
        Task {
            if let reply = await answer(request) {
                write(reply, isKeptAlive: isKeptAlive, to: channel)
            } else {
                channel.close(promise: nil)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private static func write(_ reply: StripeAnswer, isKeptAlive: Bool, to channel: any Channel) {
        var headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
        headers.add(name: "Content-Length", value: String(reply.body.count))
        if !isKeptAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: reply.body))), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in
            if !isKeptAlive { channel.close(promise: nil) }
        }
    }
}
