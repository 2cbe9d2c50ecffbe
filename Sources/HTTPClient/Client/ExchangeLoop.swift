import CCurl

/// The client's thread: takes what it is told, moves sockets, answers. Everything in it belongs to that one thread.
struct ExchangeLoop {
    let configuration: HTTPClientConfiguration
    let authorities: Authorities
    let mailbox: Mailbox
    let resolver: any NameResolving
    let handles: HandleCount
    let multi: UnsafeMutableRawPointer

    var queue: RequestQueue<Exchange.ID>
    /// Exchanges that wait for their turn or for an address.
    var pending: [Exchange.ID: Pending] = [:]
    var lookups: [String: Lookup] = [:]
    var lastLookup: UInt64 = 0
    var cache: AddressCache
    /// Exchanges in libcurl's hands, by number and by handle.
    var transfers: [Exchange.ID: Transfer] = [:]
    var numbers: [UnsafeMutableRawPointer: Exchange.ID] = [:]

    /// An exchange before its transfer.
    struct Pending {
        let exchange: Exchange
        /// Until when it must be connected; nil while it waits for its turn.
        var connectBy: ContinuousClock.Instant?
    }

    /// A name that is being looked up, and who waits for it.
    struct Lookup {
        let number: UInt64
        var cancel: @Sendable () -> Void
        var waiting: Set<Exchange.ID>
    }

    /// How long the thread sleeps when there is nothing to do: it is woken for everything.
    private static let idleMilliseconds = 60_000

    /// Runs until the mailbox is closed, and ends everything then.
    static func run(
        _ configuration: HTTPClientConfiguration, authorities: Authorities, mailbox: Mailbox,
        resolver: any NameResolving, handles: HandleCount
    ) {
        SignalMask.blockAll()
        defer { mailbox.end() }
        guard LibCurl.isReady, let multi = curl_multi_init() else {
            // Nothing can be done without memory: everything is answered, now and later, by saying so.
            mailbox.close()
            for case .send(let exchange) in mailbox.take().commands {
                mailbox.countAnswer()
                exchange.continuation.resume(
                    returning: .failure(HTTPError(.clientFailed, .nothingSent, "libcurl could not start")))
            }
            return
        }
        // Only past the last transfer: libcurl asks for the handles to go first.
        defer { curl_multi_cleanup(multi) }
        mjn_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, configuration.idleConnectionsMax)
        var loop = ExchangeLoop(
            configuration: configuration, authorities: authorities, mailbox: mailbox, resolver: resolver,
            handles: handles, multi: multi,
            queue: RequestQueue(
                inFlightMax: configuration.inFlightMax, perOriginMax: configuration.inFlightPerOriginMax),
            cache: AddressCache(keptFor: configuration.addressesKeptFor))
        loop.run()
    }

    private mutating func run() {
        while true {
            mailbox.wake.clear()
            let delivery = mailbox.take()
            for command in delivery.commands { obey(command) }
            if delivery.isClosing { return endAll() }
            expire()
            admit()
            perform()
            collect()
            // What was answered made room.
            admit()
            wait()
        }
    }

    private mutating func obey(_ command: Mailbox.Command) {
        switch command {
        case .send(let exchange):
            pending[exchange.id] = Pending(exchange: exchange)
            queue.append(exchange.id, origin: exchange.request.target.origin)
        case .cancel(let id): end(id, .cancelled, "the request was cancelled")
        case .resolved(let host, let number, let result): finishLookup(host, number, result)
        }
    }

    private func perform() {
        var running: Int32 = 0
        // A failure concerns the whole, which is out of memory then; the transfers meet it themselves.
        _ = curl_multi_perform(multi, &running)
    }

    private mutating func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let id = numbers[handle]
            else { continue }
            finish(id, message.pointee.data.result)
        }
    }

    /// Sleeps until a socket moves, a timer of libcurl ends, somebody calls, or a pending exchange is over its time.
    private func wait() {
        let now = ContinuousClock.now
        let next = pending.values.map { now.duration(to: limit(of: $0)).timeoutMilliseconds }.min()
        var call = curl_waitfd(fd: mailbox.wake.descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
        _ = curl_multi_poll(
            multi, &call, 1, Int32(clamping: min(next ?? Self.idleMilliseconds, Self.idleMilliseconds)), nil)
    }

    func limit(of pending: Pending) -> ContinuousClock.Instant {
        min(pending.connectBy ?? pending.exchange.deadline, pending.exchange.deadline)
    }
}
