import Foundation

/// An HTTP client over libcurl: HTTP/1.1, and HTTP/2 over TLS where the server offers it. One thread of its own drives
/// all exchanges; waiting callers hold no thread.
///
/// - TLS certificates are always verified, by the system's store. Redirects are never followed, so that every address
///   is one that the caller chose and the policy judged. Proxies are never used, whatever the environment says: they
///   look names up themselves, past the policy.
/// - Connections are kept and used again. A request that is not idempotent and meets a dead one is not sent again by
///   itself; the caller learns that the outcome is unknown.
/// - Ends, with everything in it, when it is shut down or released.
public final class HTTPClient: HTTPExchanging {
    private let configuration: HTTPClientConfiguration
    private let mailbox: Mailbox
    private let handles: HandleCount

    /// Starts a client.
    ///
    /// - Parameter resolver: finds the addresses of names; by default the system's, for this client alone.
    /// - Throws: `configurationInvalid`; `clientFailed` where the process has no descriptors left.
    public init(
        _ configuration: HTTPClientConfiguration = HTTPClientConfiguration(), resolver: (any NameResolving)? = nil
    ) throws(HTTPError) {
        try configuration.check()
        let authorities = try Authorities(
            extraFile: configuration.extraAuthorityFile, folder: configuration.authorityFolder)
        guard let wake = WakeSignal() else {
            throw HTTPError(.clientFailed, .nothingSent, "the process has no file descriptors left")
        }
        let outstandingMax = configuration.inFlightMax + configuration.waitingMax
        let mailbox = Mailbox(wake: wake, outstandingMax: outstandingMax)
        let handles = HandleCount()
        self.configuration = configuration
        self.mailbox = mailbox
        self.handles = handles
        let resolver = resolver ?? SystemResolver()
        let thread = Thread {
            ExchangeLoop.run(
                configuration, authorities: authorities, mailbox: mailbox, resolver: resolver, handles: handles)
        }
        thread.name = "mjn-http"
        thread.start()
    }

    deinit { mailbox.close() }

    /// libcurl's handles that exist now: one per request in flight, none after a shutdown.
    package var openHandles: Int { handles.count }

    /// Sends a request, once, and returns the response, whatever its status.
    ///
    /// Where the task is cancelled, the exchange ends and its connection is closed; `cancelled` says whether anything
    /// had been sent.
    ///
    /// - Throws: every code of `HTTPError`.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        guard !Task.isCancelled else { throw .cancelled }
        let prepared = try PreparedRequest(
            request, userAgent: configuration.userAgent, responseBytesMax: configuration.responseBytesMax)
        if let refusal = configuration.egress.refusal(of: prepared.target.endpoint) {
            throw .refused(refusal, prepared.target)
        }
        let span = min(max(request.deadline ?? configuration.deadline, .zero), HTTPClientConfiguration.spanMax)
        let deadline = ContinuousClock.now + span
        let id = mailbox.nextID()
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                mailbox.send(Exchange(id: id, request: prepared, deadline: deadline, continuation: continuation))
                // Cancelled before: that call met no exchange.
                if Task.isCancelled { mailbox.post(.cancel(id)) }
            }
        } onCancel: {
            mailbox.post(.cancel(id))
        }
        return try answer.get()
    }

    /// Ends every exchange with `closed`, closes every connection, and waits until that is done.
    public func shutdown() async {
        mailbox.close()
        await mailbox.awaitEnd()
    }
}
