/// An error answer of the API.
package struct StripeFailure: Error, Sendable {
    var status: Int
    var type = "invalid_request_error"
    var code: String?
    package var message: String
    var param: String?
    /// What else the error object has: `decline_code`, `charge`, `payment_intent`.
    var more: StripeFields = [:]
    /// Whether only a wrong client sends this request.
    var isViolation = false

    init(_ status: Int, _ message: String, code: String? = nil, param: String? = nil) {
        self.status = status
        self.message = message
        self.code = code
        self.param = param
    }

    /// 400 with the reason.
    static func refused(_ message: String, code: String? = nil, param: String? = nil) -> StripeFailure {
        StripeFailure(400, message, code: code, param: param)
    }

    /// 400 for a form or a value that does not keep to the specification.
    static func malformed(_ message: String, _ param: String?, code: String? = nil) -> StripeFailure {
        var failure = StripeFailure(400, param.map { "\(message): \($0)" } ?? message, code: code, param: param)
        failure.isViolation = true
        return failure
    }

    /// The object is unknown: 404 where the path names it, 400 where a parameter does.
    static func missing(_ noun: String, _ id: String, param: String? = nil) -> StripeFailure {
        StripeFailure(
            param == nil ? 404 : 400, "No such \(noun): '\(id)'", code: "resource_missing", param: param ?? "id")
    }

    /// What the simulator leaves out although the API has it; also a violation, so that no test passes on it.
    static func notSimulated(_ what: String) -> StripeFailure {
        malformed("the simulator does not know", what, code: "not_simulated")
    }

    /// The answer's body.
    var body: StripeValue {
        var error = more
        error["type"] = .string(type)
        error["message"] = .string(message)
        if let code {
            error["code"] = .string(code)
            error["doc_url"] = .string("https://stripe.com/docs/error-codes/" + code.replacing("_", with: "-"))
        }
        if let param { error["param"] = .string(param) }
        return ["error": .object(error)]
    }
}
