/// The hooks of a world over HTTP, for tests in other languages: `POST /_simulator/<hook>` with a form; the answer is
/// JSON, 400 with the reason where the hook does not fit. Not a part of Stripe's API.
///
/// `complete_checkout` and `pay` (`id`, `payment`: paid, processing, or a decline code), `settle` (`id`, `succeeds`),
/// `onboard`, `deauthorize` (`id`), `capability` (`id`, `name`, `status`), `fail_refund` (`id`), `dispute` (`id`,
/// `amount`, `withdrawing`), `escalate` (`id`), `close_dispute` (`id`, `won`), `finish_payout` (`id`, `paid`),
/// `pay_out` (`account`, `currency`), `top_up` (`amount`, `currency`), `skip` (`ms`), `pump`, `secrets` (`id`,
/// `secrets[0]`, …), `fault` (`method`, `path`, `fault`), `event_fault` (`type`, `fault`), `state`.
enum StripeControl {
    static let prefix = "/_simulator/"

    static func answer(_ request: StripeRequest, of server: StripeServer) async -> StripeAnswer {
        var status = 200
        var body: StripeValue = [:]
        do {
            let form = try FormValue.decode(request.form)
            let hook = String(request.path.dropFirst(prefix.count))
            switch hook {
            case "pump": body = ["delivered": .int(Int64(await server.pump()))]
            case "skip": server.skip(ms: Int64(text(form, "ms") ?? "") ?? 0)
            default:
                let nowMs = server.nowMs
                body = try server.withWorld { world in try run(hook, form, &world, nowMs: nowMs) }
            }
        } catch {
            status = 400
            body = ["error": .string((error as? StripeFailure)?.message ?? "\(error)")]
        }
        return StripeAnswer(status: status, headers: [("Content-Type", "application/json")], body: body.bytes)
    }

    private static func run(_ hook: String, _ form: [String: FormValue], _ world: inout StripeWorld, nowMs: Int64)
        throws -> StripeValue
    {
        let id = text(form, "id") ?? ""
        let amount = text(form, "amount").flatMap { Int64($0) }
        let currency = text(form, "currency") ?? world.configuration.defaultCurrency
        switch hook {
        case "complete_checkout": try world.completeCheckout(id, payment: payment(form), nowMs: nowMs)
        case "pay": try world.pay(paymentIntent: id, payment: payment(form), nowMs: nowMs)
        case "settle": try world.settle(paymentIntent: id, succeeds: flag(form, "succeeds"), nowMs: nowMs)
        case "onboard": try world.onboard(id, nowMs: nowMs)
        case "deauthorize": try world.deauthorize(id, nowMs: nowMs)
        case "capability":
            try world.setCapability(
                text(form, "name") ?? "transfers", to: text(form, "status") ?? "inactive", of: id, nowMs: nowMs)
        case "fail_refund": try world.failRefund(id, nowMs: nowMs)
        case "dispute":
            let isInquiry = text(form, "withdrawing") == "false"
            return [
                "id": .string(
                    try world.openDispute(charge: id, amountMinor: amount, withdrawing: !isInquiry, nowMs: nowMs))
            ]
        case "escalate": try world.escalate(id, nowMs: nowMs)
        case "close_dispute": try world.closeDispute(id, won: flag(form, "won"), nowMs: nowMs)
        case "finish_payout": try world.finishPayout(id, paid: flag(form, "paid"), nowMs: nowMs)
        case "pay_out":
            return [
                "id": .optional(
                    world.payOutAutomatically(account: text(form, "account"), currency: currency, nowMs: nowMs))
            ]
        case "top_up": world.topUp(amountMinor: amount ?? 0, currency: currency, nowMs: nowMs)
        case "secrets":
            guard case .hash(let secrets) = form["secrets"] else { return [:] }
            let all = secrets.sorted { $0.key < $1.key }.compactMap { text(secrets, $0.key) }
            world.setSecrets(all, ofEndpoint: id)
        case "fault": world.faults.script(text(form, "method") ?? "POST", text(form, "path") ?? "", fault(form))
        case "event_fault": world.faults.script(event: text(form, "type") ?? "", eventFault(form))
        case "state": break
        default: throw StripeHookError("there is no hook \(hook)")
        }
        return [
            "violations": .array(world.violations.map { .string($0.description) }),
            "balance_proof": .array(world.balanceProof().map { .string($0) }),
            "requests": .int(Int64(world.requestCount)),
        ]
    }

    private static func text(_ form: [String: FormValue], _ name: String) -> String? {
        if case .text(let text) = form[name] { text } else { nil }
    }

    private static func flag(_ form: [String: FormValue], _ name: String) -> Bool { text(form, name) == "true" }

    private static func payment(_ form: [String: FormValue]) -> StripePayment {
        switch text(form, "payment") ?? "paid" {
        case "paid": .paid
        case "processing": .processing
        case let code: .declined(code: code)
        }
    }

    private static func fault(_ form: [String: FormValue]) -> StripeFault? {
        switch text(form, "fault") {
        case "request_lost": .requestLost
        case "reply_lost": .replyLost
        case "key_in_use": .keyInUse
        case "rate_limited": .rateLimited(shouldRetry: text(form, "should_retry").map { $0 == "true" })
        case "failed_before": .failedBeforeExecution
        case "failed_during": .failedDuringExecution(effectStands: flag(form, "effect_stands"))
        case "slow": .slow(delayMs: text(form, "ms").flatMap { Int64($0) } ?? 0)
        case "events_first": .eventsFirst
        default: nil
        }
    }

    private static func eventFault(_ form: [String: FormValue]) -> StripeEventFault? {
        let delayMs = text(form, "ms").flatMap { Int64($0) } ?? 0
        return switch text(form, "fault") {
        case "dropped": .dropped
        case "delayed": .delayed(delayMs: delayMs)
        case "twice": .delivered(twiceAfterMs: delayMs)
        case "twin": .twin
        case "overtaken": .overtaken
        default: nil
        }
    }
}
