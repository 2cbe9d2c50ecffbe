extension StripeRequest {
    /// What of it Stripe's specification does not take; nil: it is a request of the API.
    public var violation: String? {
        do throws(StripeFailure) {
            guard let (operation, _) = StripeSpecification.shared.operation(method: method, path: path) else {
                return "\(method) \(path) is no operation"
            }
            _ = try RequestValidator.parameters(try parameters(), of: operation)
            return nil
        } catch {
            return "\(method) \(path): \(error.message)"
        }
    }

    /// What it says, of a body or of a query.
    func parameters() throws(StripeFailure) -> [String: FormValue] {
        guard method == "POST" else {
            guard form.isEmpty else { throw .malformed("the request has a body", method) }
            return try FormValue.decode(Array(query.utf8))
        }
        guard query.isEmpty else { throw .malformed("parameters stand in the query", method) }
        if let type = contentType, !type.hasPrefix("application/x-www-form-urlencoded") {
            throw .malformed("the body is no form", type)
        }
        return try FormValue.decode(form)
    }
}
