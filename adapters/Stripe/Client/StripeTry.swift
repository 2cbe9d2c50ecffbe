import Cryptography
import HTTPClient

/// What one try at a request came to.
struct StripeTry: Sendable {
    /// What can be said about the effect.
    enum Verdict: Sendable {
        case done(StripeReply)
        case refused(StripeRefusal)
        case notCarriedOut(StripeFailure)
        case unknown(StripeFailure)
    }

    let verdict: Verdict
    /// Whether another try with the same bytes may help.
    let mayRetry: Bool
    /// What Stripe asked us to wait.
    var retryAfterMilliseconds: Int64? {
        switch verdict {
        case .notCarriedOut(let failure), .unknown(let failure): failure.retryAfterMilliseconds
        case .done, .refused: nil
        }
    }

    private init(_ verdict: Verdict, mayRetry: Bool) {
        self.verdict = verdict
        self.mayRetry = mayRetry
    }

    /// Reads a response.
    init(_ response: HTTPResponse, redaction: StripeRedaction) {
        let facts = ResponseFacts(response, redaction: redaction)
        let verdict = facts.verdict
        self.init(verdict, mayRetry: facts.mayRetry)
    }

    /// Reads a failure of the client of HTTP: whether anything was sent is what counts.
    init(_ error: HTTPError) {
        let code: StripeFailure.Code
        let mayRetry: Bool
        switch error.code {
        case .addressInvalid, .requestInvalid, .configurationInvalid, .egressRefused:
            (code, mayRetry) = (.requestInvalid, false)
        case .cancelled: (code, mayRetry) = (.cancelled, false)
        case .closed: (code, mayRetry) = (.unreachable, false)
        case .responseTooLarge: (code, mayRetry) = (.answerMalformed, false)
        case .overloaded: (code, mayRetry) = (.busy, true)
        default: (code, mayRetry) = (.unreachable, true)
        }
        let failure = StripeFailure(code, "\(error)", status: error.status)
        self.init(error.outcome == .nothingSent ? .notCarriedOut(failure) : .unknown(failure), mayRetry: mayRetry)
    }
}

/// A response with what decides about it taken out.
private struct ResponseFacts {
    let response: HTTPResponse
    let redaction: StripeRedaction
    let document: JSONDocument?
    let requestID: String?
    let retryAfterMilliseconds: Int64?

    /// Objects nest some twenty levels when expanded; a page of 100 has some 20,000 members.
    private static let limits = JSONLimits(members: 200_000, bytes: StripeSettings.responseBytesMax)

    init(_ response: HTTPResponse, redaction: StripeRedaction) {
        self.response = response
        self.redaction = redaction
        document = try? JSONDocument(parsing: response.body, limits: Self.limits)
        requestID = response.headers["Request-Id"].map { redaction.clean($0) }
        // A date (RFC 9110, section 10.2.3) is not sent by Stripe and is read as nothing.
        retryAfterMilliseconds = response.headers["Retry-After"].flatMap { Int64($0) }.flatMap { seconds in
            (0...86_400).contains(seconds) ? seconds * 1000 : nil
        }
    }

    /// In this order: what Stripe says itself, then conflicts, rate limits and errors of the server.
    var mayRetry: Bool {
        if response.isSuccess { return false }
        switch response.headers["Stripe-Should-Retry"] {
        case "false": return false
        case "true": return true
        default: return response.status == 409 || isRateLimited || response.status >= 500
        }
    }

    private var isRateLimited: Bool {
        response.status == 429 || (response.status == 400 && error?["code"]?.stringEquals("rate_limit") == true)
    }

    private var error: JSONValue? {
        guard let error = document?.root["error"], error.kind == .object else { return nil }
        return error
    }

    var verdict: StripeTry.Verdict {
        if response.isSuccess {
            guard let document, document.root.kind == .object else {
                return .unknown(failure(.answerMalformed, "the answer is no JSON object"))
            }
            let isReplayed = response.headers["Idempotent-Replayed"] == "true"
            return .done(
                StripeReply(document: document, receipt: StripeReceipt(requestID: requestID, isReplayed: isReplayed)))
        }
        if isRateLimited { return .notCarriedOut(failure(.rateLimited, "too many requests")) }
        switch response.status {
        case 500...: return .unknown(failure(.serverError, "Stripe failed"))
        case 409: return .unknown(failure(.conflict, "the same request, or one on the same object, is under way"))
        case 400..<500: return verdictOnRequest
        default: return .unknown(failure(.answerMalformed, "an answer that Stripe does not give"))
        }
    }

    /// What 4xx means. Without Stripe's error object it is the word of a proxy, which knows nothing of the effect.
    private var verdictOnRequest: StripeTry.Verdict {
        guard let error else { return .unknown(failure(.answerMalformed, "an error that is not Stripe's")) }
        let refusal = StripeRefusal(
            status: response.status, type: StripeOpen(text("type", of: error) ?? ""),
            stripeCode: text("code", of: error), declineCode: text("decline_code", of: error),
            parameter: text("param", of: error), message: text("message", of: error) ?? "no message",
            requestID: requestID)
        if refusal.type == .known(.idempotencyError) {
            return .unknown(failure(.keyReused, "the idempotency key belongs to another request"))
        }
        // A connected account that took its leave stays away; every other 401 and 403 is about our key.
        let isOurKey = response.status == 401 || (response.status == 403 && refusal.stripeCode != "account_invalid")
        return isOurKey ? .notCarriedOut(failure(.unauthorized, "Stripe does not take the key")) : .refused(refusal)
    }

    private func failure(_ code: StripeFailure.Code, _ what: String) -> StripeFailure {
        let words = error.flatMap { text("message", of: $0) }
        return StripeFailure(
            code, words.map { "\(what): \($0)" } ?? what, status: response.status, requestID: requestID,
            retryAfterMilliseconds: retryAfterMilliseconds)
    }

    private func text(_ name: String, of error: JSONValue) -> String? {
        error[name]?.string.map { redaction.clean($0) }
    }
}
