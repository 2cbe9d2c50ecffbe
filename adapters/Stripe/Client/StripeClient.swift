import Cryptography
public import HTTPClient

/// Speaks Stripe's v1 API: one pinned version, every write with an idempotency key, tries that are bounded and spaced,
/// and an outcome that says what is known. Safe from any thread.
///
/// It keeps nothing: what must survive a crash (the call and its key) is stored by the caller before the first try.
public struct StripeClient: Sendable {
    private let key: StripeSecretKey
    /// The settings.
    public let settings: StripeSettings
    private let http: any HTTPExchanging
    private let timing: StripeTiming
    private let pace: StripePace
    private let redaction: StripeRedaction

    /// Longer keys are refused by Stripe.
    public static let idempotencyKeyBytesMax = 255

    /// Makes a client.
    ///
    /// - Parameter http: may connect to ``StripeSettings/endpoint``; see ``StripeSettings/egress``.
    public init(key: StripeSecretKey, settings: StripeSettings, http: any HTTPExchanging, timing: StripeTiming) {
        self.key = key
        self.settings = settings
        self.http = http
        self.timing = timing
        pace = StripePace(perSecond: settings.requestsPerSecond)
        redaction = StripeRedaction(key)
    }

    /// Whether it moves real money.
    public var isLive: Bool { key.isLive }

    /// The clock's time, milliseconds since 1970.
    func now() -> Int64 { timing.nowMilliseconds() }

    /// Sends a write, up to ``StripeSettings/triesMax`` times with the same bytes and the same key.
    ///
    /// Where the task is cancelled it ends early; the outcome still says what is known.
    ///
    /// - Parameter idempotencyKey: 1 to 255 visible ASCII characters, stored with the call before this is called.
    public func write(_ call: StripeCall, idempotencyKey: String) async -> StripeOutcome<StripeReply> {
        let isKey = idempotencyKey.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard call.method == .post, isKey, (1...Self.idempotencyKeyBytesMax).contains(idempotencyKey.utf8.count) else {
            return .notCarriedOut(StripeFailure(.requestInvalid, "a write needs a key of 1 to 255 visible characters"))
        }
        switch await perform(call, idempotencyKey: idempotencyKey) {
        case .done(let reply): return .done(reply, reply.receipt)
        case .refused(let refusal): return .refused(refusal)
        case .notCarriedOut(let failure): return .notCarriedOut(failure)
        case .unknown(let failure): return .unknown(failure)
        }
    }

    /// Sends a write and reads the object of the answer. An answer that is not that object is an unknown outcome:
    /// something was done.
    public func write<Object: StripeObject>(
        _ call: StripeCall, idempotencyKey: String, as: Object.Type
    ) async -> StripeOutcome<Object> {
        switch await write(call, idempotencyKey: idempotencyKey) {
        case .done(let reply, let receipt):
            do throws(StripeDecodingError) {
                return .done(try Object(StripeFields(reply.document.root)), receipt)
            } catch {
                return .unknown(malformed(Object.self, error, receipt))
            }
        case .refused(let refusal): return .refused(refusal)
        case .notCarriedOut(let failure): return .notCarriedOut(failure)
        case .unknown(let failure): return .unknown(failure)
        }
    }

    /// Reads an object or a page.
    ///
    /// - Throws: `refused` where Stripe says no, that it does not exist for example; `failed` where it is not known.
    public func read<Object: StripeObject>(
        _ call: StripeCall, as: Object.Type
    ) async throws(StripeReadError) -> Object {
        guard call.method == .get else { throw .failed(StripeFailure(.requestInvalid, "a read is a GET")) }
        switch await perform(call, idempotencyKey: nil) {
        case .done(let reply):
            do throws(StripeDecodingError) {
                return try Object(StripeFields(reply.document.root))
            } catch {
                throw .failed(malformed(Object.self, error, reply.receipt))
            }
        case .refused(let refusal): throw .refused(refusal)
        case .notCarriedOut(let failure), .unknown(let failure): throw .failed(failure)
        }
    }

    private func perform(_ call: StripeCall, idempotencyKey: String?) async -> StripeTry.Verdict {
        let request = request(call, idempotencyKey: idempotencyKey)
        var tries = StripeTries(max: settings.triesMax)
        let endsAt = timing.nowMilliseconds() + settings.totalMillisecondsMax
        // At most `triesMax` rounds: StripeTries ends it.
        while true {
            guard let wait = pace.takeTurn(nowMilliseconds: timing.nowMilliseconds(), max: settings.turnMillisecondsMax)
            else { return tries.ended(StripeFailure(.busy, "too many requests wait for their turn")) }
            guard await sleep(wait) else { return tries.ended(StripeFailure(.cancelled, "cancelled")) }
            let attempt = await send(request)
            let left = endsAt - timing.nowMilliseconds()
            switch tries.next(attempt, jitter: timing.jitter(), millisecondsLeft: left) {
            case .end(let verdict): return verdict
            case .again(let wait):
                guard await sleep(wait) else { return tries.ended(StripeFailure(.cancelled, "cancelled")) }
            }
        }
    }

    private func sleep(_ milliseconds: Int64) async -> Bool {
        guard milliseconds > 0 else { return true }
        do throws(CancellationError) {
            try await timing.sleep(milliseconds)
            return true
        } catch {
            return false
        }
    }

    private func send(_ request: HTTPRequest) async -> StripeTry {
        do throws(HTTPError) {
            return StripeTry(try await http.send(request), redaction: redaction)
        } catch {
            return StripeTry(error)
        }
    }

    private func request(_ call: StripeCall, idempotencyKey: String?) -> HTTPRequest {
        var headers: HTTPHeaders = [
            "Authorization": "Bearer \(key.text)", "Stripe-Version": StripeSettings.version,
            "Accept": "application/json",
        ]
        if let account = call.account { headers.append("Stripe-Account", account.text) }
        if let idempotencyKey { headers.append("Idempotency-Key", idempotencyKey) }
        var body: [UInt8] = []
        if call.method == .post {
            headers.append("Content-Type", "application/x-www-form-urlencoded")
            body = Array(call.parameters.utf8)
        }
        return HTTPRequest(
            call.method == .get ? .get : .post, settings.apiBase + call.target, headers: headers, body: body,
            deadline: settings.deadline, responseBytesMax: StripeSettings.responseBytesMax)
    }

    private func malformed<Object>(
        _ type: Object.Type, _ error: StripeDecodingError, _ receipt: StripeReceipt
    ) -> StripeFailure {
        StripeFailure(
            .answerMalformed, redaction.clean("\(type): \(error)"), status: 200, requestID: receipt.requestID)
    }
}

extension StripeClient: CustomStringConvertible, CustomReflectable {
    /// Where it speaks to, and with what sort of key.
    public var description: String { "Stripe at \(settings.apiBase) with \(key)" }

    /// The same.
    public var customMirror: Mirror { Mirror(self, children: ["client": description]) }
}
