import HTTPClient

/// One attempt: signs, sends, and says how it ended.
struct DeliveryAttempt: Sendable {
    let http: any HTTPExchanging
    let allowances: WebhookAllowances

    /// Bytes of an answer that are read; what a receiver says beyond them nobody reads.
    private static let answerBytesMax = 4096
    /// Characters of an answer that are kept.
    private static let excerptMax = 200

    /// How an attempt ended; nil as attempt: it was not made, because this process is stopping.
    struct Ending: Sendable {
        let attempt: DeliveryMachine.Attempt?
        var excerpt = ""
    }

    /// Makes the attempt.
    func make(_ delivery: ClaimedDelivery, nowMs: Int64) async -> Ending {
        // The node's settings may have changed since the endpoint was registered.
        if allowances.refusal(of: delivery.url) != nil {
            return Ending(attempt: .failed(code: "webhook_url_refused"))
        }
        var headers: HTTPHeaders = ["content-type": "application/json"]
        let signed = StandardWebhook.headers(
            id: delivery.id, timestampSeconds: nowMs / 1000, body: delivery.body, secrets: delivery.secrets)
        for (name, value) in signed { headers.append(name, value) }
        let request = HTTPRequest(
            .post, delivery.url, headers: headers, body: delivery.body,
            deadline: .seconds(DeliveryMachine.answerSecondsMax), responseBytesMax: Self.answerBytesMax)
        do throws(HTTPError) {
            let response = try await http.send(request)
            return Ending(attempt: .answered(status: response.status), excerpt: Self.excerpt(response.body))
        } catch {
            return Self.ending(error)
        }
    }

    private static func ending(_ error: HTTPError) -> Ending {
        switch error.code {
        case .cancelled, .closed: return Ending(attempt: nil)
        case .responseTooLarge:
            // The receiver has said what matters.
            if let status = error.status { return Ending(attempt: .answered(status: status)) }
        default: break
        }
        return Ending(attempt: .failed(code: error.refusal?.code ?? error.code.rawValue))
    }

    /// The beginning of an answer in printable ASCII: it is shown to people and written to logs.
    static func excerpt(_ body: [UInt8]) -> String {
        String(decoding: body.prefix(excerptMax).map { (0x20...0x7E).contains($0) ? $0 : 0x20 }, as: UTF8.self)
    }
}
