import Cryptography
import Service

/// One route of the relay protocol, before it is mounted at the base paths.
struct RelayRoute: Sendable {
    let method: Method
    /// Below the base path.
    let path: String
    let id: String
    let summary: String
    let tag: String
    /// The capabilities it is part of; the first that is off answers 501, before anything else is looked at.
    var needs: [@Sendable (RelayCapabilities) -> Bool] = []
    var parameters: [Parameter] = []
    var request: (schema: Schema, type: RequestType)?
    let responses: [ResponseSpec]
    var errors: [ProblemCode] = []
    var bodyLimit = ServiceLimits.body
    let handler: Handler

    /// The route under a base path.
    func mounted(at base: String, _ relay: Relay, dialect: Dialect) -> Route {
        let handler = handler
        let needs = needs
        let capabilities = relay.settings.capabilities
        let gated: Handler = { call in
            for isOn in needs where !isOn(capabilities) {
                throw Problem(.notImplemented, "not available on this relay")
            }
            return try await handler(call)
        }
        return Route(
            method, base + path, id: base.isEmpty ? id + "AtRoot" : id, summary: summary, tag: tag,
            parameters: parameters, request: request?.schema, requestType: request?.type ?? .anyJSON,
            responses: responses, errors: errors + (needs.isEmpty ? [] : [.notImplemented]),
            bodyLimit: bodyLimit,
            jsonLimits: .init(depth: 64, members: 20_000, bytes: bodyLimit), dialect: dialect, handler: gated)
    }

    /// The parameters of every list.
    static let page: [Parameter] = [
        .query("after", .string, "`next` of the page before; none for the first."),
        .query("limit", .string, "Rows at most: 100 where this is no positive integer, 1000 at most."),
    ]
}
