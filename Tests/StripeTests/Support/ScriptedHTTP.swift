import HTTPClient
import StripeSimulator
import Synchronization
import Testing

/// Answers requests one after another from a script, and keeps them. Past its end it answers 500. Each must be one that
/// Stripe's specification takes.
final class ScriptedHTTP: HTTPExchanging {
    enum Step: Sendable {
        case answer(Int, HTTPHeaders, String)
        case failure(HTTPError)
    }

    private let state: Mutex<(steps: [Step], requests: [HTTPRequest])>

    init(_ steps: [Step]) { state = Mutex((steps, [])) }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        if let violation = StripeRequest(request).violation { Issue.record("\(violation)") }
        let step = state.withLock { state in
            state.requests.append(request)
            return state.steps.isEmpty ? .answer(500, [:], "") : state.steps.removeFirst()
        }
        switch step {
        case .answer(let status, let headers, let body):
            return HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
        case .failure(let error): throw error
        }
    }
}

extension ScriptedHTTP.Step {
    static func error(_ status: Int, _ headers: HTTPHeaders = [:], type: String, code: String? = nil, _ message: String)
        -> ScriptedHTTP.Step
    {
        let code = code.map { "\"code\":\"\($0)\"," } ?? ""
        return .answer(status, headers, #"{"error":{"type":"\#(type)",\#(code)"message":"\#(message)"}}"#)
    }

    static func status(_ status: Int, _ headers: HTTPHeaders = [:]) -> ScriptedHTTP.Step {
        .error(status, headers, type: "api_error", "no")
    }

    static let transfer = ScriptedHTTP.Step.answer(
        200, ["Request-Id": "req_1"],
        """
        {"object":"transfer","id":"tr_1","amount":100,"amount_reversed":0,"created":1700000000,"currency":"cad",
         "livemode":false,"metadata":{},"reversed":false,
         "reversals":{"object":"list","data":[],"has_more":false,"url":"/v1/transfers/tr_1/reversals"}}
        """)

    static let lost = ScriptedHTTP.Step.failure(HTTPError(.connectionLost, .unknown, "the connection broke"))
    static let refusedConnection = ScriptedHTTP.Step.failure(HTTPError(.connectFailed, .nothingSent, "nobody there"))
}
