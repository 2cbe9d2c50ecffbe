import Cryptography

/// How an execution ends.
enum Execution: Sendable {
    case normal
    /// The effect stands and the answer is 500, also when it is asked for again.
    case answers500
    /// 500, and the effect is undone.
    case undone
}

/// What is saved under an idempotency key.
struct IdempotencyRecord: Sendable {
    let endpoint: String
    let form: [String: FormValue]
    let savedMs: Int64
    /// Until then the request counts as in progress.
    let busyUntilMs: Int64
    let requestID: String
    let status: Int
    let body: [UInt8]
}

/// A request's way through: who asks, what for, whether it was asked before, whether it may be, and then what it does.
extension StripeWorld {
    /// Keys are at most so many characters.
    static let keyCharactersMax = 255

    mutating func perform(
        _ request: StripeRequest, nowMs: Int64, execution: Execution = .normal, busyForMs: Int64 = 0
    ) -> StripeAnswer {
        let nowMs = pass(toMs: nowMs)
        requestCount += 1
        let requestID = "req_" + random.letters(14)
        var headers: [(name: String, value: String)] = []
        if let key = request.idempotencyKey { headers.append(("Idempotency-Key", key)) }
        do throws(StripeFailure) {
            let owner = try authorize(request)
            guard
                let (operation, ids) = StripeSpecification.shared.operation(
                    method: request.method, path: request.path)
            else {
                var failure = StripeFailure(404, "Unrecognized request URL (\(request.method): \(request.path))")
                failure.isViolation = true
                throw failure
            }
            let form = try request.parameters()
            let key = request.method == "POST" ? request.idempotencyKey.map { "\(owner) \($0)" } : nil
            if let key, let saved = try recall(key, request, form, nowMs: nowMs) {
                headers += [("Idempotent-Replayed", "true"), ("Original-Request", saved.requestID)]
                return answer(saved.status, saved.body, requestID, headers)
            }
            let call = StripeCall(
                operation: operation.name, ids: ids, owner: owner, path: request.path, nowMs: nowMs,
                parameters: try RequestValidator.parameters(form, of: operation))
            let (status, body) = execute(call, request, requestID, execution)
            if let key {
                keys[key] = IdempotencyRecord(
                    endpoint: "\(request.method) \(request.path)", form: form, savedMs: nowMs,
                    busyUntilMs: nowMs + busyForMs, requestID: requestID, status: status, body: body)
                // Of a first request too, as Stripe sends it.
                headers.append(("Original-Request", requestID))
            }
            return answer(status, body, requestID, headers)
        } catch {
            note(error, request)
            if error.status == 409 { headers.append(("Stripe-Should-Retry", "true")) }
            return answer(error.status, error.body.bytes, requestID, headers)
        }
    }

    /// An answer from before the request is looked at: nothing is done or saved.
    mutating func turnAway(_ failure: StripeFailure, nowMs: Int64, shouldRetry: Bool?) -> StripeAnswer {
        _ = pass(toMs: nowMs)
        requestCount += 1
        let headers = shouldRetry.map { [(name: "Stripe-Should-Retry", value: $0 ? "true" : "false")] } ?? []
        return answer(failure.status, failure.body.bytes, "req_" + random.letters(14), headers)
    }

    private mutating func execute(
        _ call: StripeCall, _ request: StripeRequest, _ requestID: String, _ execution: Execution
    ) -> (Int, [UInt8]) {
        // A copy only where it is needed: it makes every later change copy what it touches.
        let before = execution == .undone ? self : nil
        requestInHand = (requestID, request.idempotencyKey)
        defer { requestInHand = nil }
        var status = 200
        var body: StripeValue
        do throws(StripeFailure) {
            body = try dispatch(call)
            if let paths = call.parameters["expand"]?.items { body = try expand(body, paths, owner: call.owner) }
        } catch {
            note(error, request)
            status = error.status
            body = error.body
        }
        guard execution != .normal else { return (status, body.bytes) }
        if let before {
            let (random, clockMs, requestCount) = (random, clockMs, requestCount)
            self = before
            (self.random, self.clockMs, self.requestCount) = (random, clockMs, requestCount)
        }
        return (500, StripeFailure.internalError.body.bytes)
    }

    private mutating func note(_ failure: StripeFailure, _ request: StripeRequest) {
        guard failure.isViolation else { return }
        violations.append(StripeViolation(request: request, message: failure.message))
    }

    private func answer(
        _ status: Int, _ body: [UInt8], _ requestID: String, _ more: [(name: String, value: String)]
    ) -> StripeAnswer {
        let headers = [
            (name: "Content-Type", value: "application/json"), (name: "Request-Id", value: requestID),
            (name: "Stripe-Version", value: configuration.apiVersion),
        ]
        return StripeAnswer(status: status, headers: headers + more, body: body)
    }

    /// The account that a request acts as.
    private func authorize(_ request: StripeRequest) throws(StripeFailure) -> String {
        guard let key = request.authorization.flatMap(Self.secretKey), configuration.secretKeys.contains(key) else {
            throw StripeFailure(401, "Invalid API Key provided")
        }
        if let version = request.version, version != configuration.apiVersion {
            throw .malformed("Invalid Stripe API version", version)
        }
        guard let account = request.account, account != configuration.platform else { return configuration.platform }
        guard let record = objects[account], record.kind == "account", !record.bool("deleted"),
            record.hidden["deauthorized"] == nil
        else {
            throw StripeFailure(403, "The key has no access to account '\(account)'", code: "account_invalid")
        }
        return account
    }

    /// `Bearer sk_…`, or Basic with the key as the user and no password.
    private static func secretKey(_ authorization: String) -> String? {
        if authorization.hasPrefix("Bearer ") { return String(authorization.dropFirst(7)) }
        guard authorization.hasPrefix("Basic "), let bytes = Base64.decode(String(authorization.dropFirst(6))),
            bytes.last == UInt8(ascii: ":")
        else { return nil }
        return String(decoding: bytes.dropLast(), as: UTF8.self)
    }

    /// What was answered to this request before; nil where it is new.
    private mutating func recall(
        _ key: String, _ request: StripeRequest, _ form: [String: FormValue], nowMs: Int64
    ) throws(StripeFailure) -> IdempotencyRecord? {
        guard (request.idempotencyKey ?? "").count <= Self.keyCharactersMax, request.idempotencyKey != "" else {
            throw .malformed("the idempotency key is empty or too long", nil)
        }
        guard let saved = keys[key] else { return nil }
        if nowMs - saved.savedMs >= configuration.idempotencyKeptMs {
            keys[key] = nil
            return nil
        }
        let endpoint = "\(request.method) \(request.path)"
        guard saved.endpoint == endpoint, saved.form == form else {
            let reason =
                saved.endpoint == endpoint
                ? "The key was first used with other parameters"
                : "The key was first used for '\(saved.endpoint)', not '\(endpoint)'"
            var failure = StripeFailure(400, reason)
            failure.type = "idempotency_error"
            failure.isViolation = true
            throw failure
        }
        guard nowMs >= saved.busyUntilMs else { throw .keyInUse }
        return saved
    }
}
