import HTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A ``StripeWorld`` behind HTTP on loopback, for the adapter and for Stripe's own libraries.
///
/// A lost request or reply shows as a connection that closes without an answer; ``StripeFault/slow(delayMs:)`` holds
/// the answer for so long in real time. It is used from any thread; the world takes requests one after another.
/// Below `/_simulator/` it takes what a test in another language needs, see ``StripeControl``.
public final class StripeServer: Sendable {
    /// The longest body that is read; past it the connection is closed.
    static let bodyBytesMax = 1 << 20
    /// Webhooks that one ``pump()`` delivers at most: past it something sends itself events without end.
    static let pumpedMax = 100_000

    /// Where it answers: `http://127.0.0.1:<port>`.
    public let url: String

    private let world: Mutex<StripeWorld>
    private let clock: @Sendable () -> Int64
    private let skippedMs = Atomic<Int64>(0)
    private let client: HTTPClient
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel

    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// - Parameter clock: Unix milliseconds that never go back; ``skip(ms:)`` adds to them.
    public static func start(world: StripeWorld, clock: @escaping @Sendable () -> Int64) async throws -> StripeServer {
        let client = try HTTPClient(HTTPClientConfiguration(egress: .any))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = Place()
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                        try channel.pipeline.syncOperations.addHandler(
                            StripeConnection { request in await server.server?.reply(to: request) })
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            let started = StripeServer(world, clock, client, group, channel)
            server.set(started)
            return started
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private init(
        _ world: StripeWorld, _ clock: @escaping @Sendable () -> Int64, _ client: HTTPClient,
        _ group: MultiThreadedEventLoopGroup, _ channel: any Channel
    ) {
        self.world = Mutex(world)
        self.clock = clock
        self.client = client
        self.group = group
        self.channel = channel
        url = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }

    /// The time that it is for the world.
    public var nowMs: Int64 { clock() + skippedMs.load(ordering: .relaxed) }

    /// Lets so much more time pass than the clock says.
    public func skip(ms: Int64) { skippedMs.add(ms, ordering: .relaxed) }

    /// Looks at the world or changes it, between requests.
    public func withWorld<Result: Sendable, Failure: Error>(
        _ body: (inout StripeWorld) throws(Failure) -> sending Result
    ) throws(Failure) -> Result {
        try world.withLock { world throws(Failure) in try body(&world) }
    }

    /// Delivers the webhooks that are due to their endpoints' URLs, one after another, and those that become due by
    /// it; what is not answered 2xx is given back. Answers how many were answered 2xx.
    @discardableResult
    public func pump() async -> Int {
        var deliveredCount = 0
        for _ in 0..<Self.pumpedMax {
            let webhooks = withWorld { $0.takeWebhooks(nowMs: nowMs) }
            if webhooks.isEmpty { break }
            deliveredCount += await deliver(webhooks)
        }
        return deliveredCount
    }

    /// Closes every connection and the port.
    public func stop() async {
        try? await channel.close()
        await client.shutdown()
        try? await group.shutdownGracefully()
    }

    private func deliver(_ webhooks: [StripeWebhook]) async -> Int {
        var deliveredCount = 0
        for webhook in webhooks {
            let request = HTTPRequest(
                .post, webhook.url,
                headers: [
                    "Content-Type": "application/json; charset=utf-8", "Stripe-Signature": webhook.signature,
                ], body: webhook.body)
            let answer = try? await client.send(request)
            if answer?.isSuccess == true {
                deliveredCount += 1
            } else {
                withWorld { $0.refuseWebhook(webhook, nowMs: nowMs) }
            }
        }
        return deliveredCount
    }

    /// The answer to a request; nil: the connection closes without one.
    private func reply(to request: StripeRequest) async -> StripeAnswer? {
        if request.path.hasPrefix(StripeControl.prefix) { return await StripeControl.answer(request, of: self) }
        let exchange = withWorld { $0.exchange(request, nowMs: nowMs) }
        _ = await deliver(exchange.webhooksBeforeReply)
        if exchange.replyDelayMs > 0 { try? await Task.sleep(for: .milliseconds(exchange.replyDelayMs)) }
        return exchange.outcome.answer
    }
}
