public import Cryptography

/// Answers one request. It starts on an event loop's thread and comes back to it after each suspension: it must not
/// block. A `Problem` it throws is answered as such, any other error as 500 `internal_error`.
public typealias Handler = @Sendable (Call) async throws -> Reply

/// Who may call a route.
public enum Auth: Sendable {
    /// Anyone.
    case none
    /// Anyone who signs the request (RFC 9421); `Call.caller` is then the verified DID. The scopes are what the
    /// handler asks of a service, named here for the specification; `note` says who else may call.
    case signed(scopes: [String] = [], note: String = "")
}

/// Whether a route takes `Idempotency-Key`.
public enum IdempotencyRule: Sendable {
    /// It makes no difference. The key is covered by the signature when it is sent, and a nonce is good for one use.
    case none
    /// A key makes a retry harmless.
    case optional
    /// 400 `idempotency_key_missing` without one.
    case required
}

/// The media type of a route's body.
public struct RequestType: Sendable {
    /// As the specification names it.
    public let name: String
    /// Whether any other is refused with 415; where not, the body is taken as what it should be.
    public let isRequired: Bool

    /// `application/json`, and nothing else.
    public static let json = RequestType(name: "application/json", isRequired: true)
    /// JSON, whatever the client calls it.
    public static let anyJSON = RequestType(name: "application/json", isRequired: false)
    /// Bytes, whatever the client calls them.
    public static let bytes = RequestType(name: "application/octet-stream", isRequired: false)

    var isJSON: Bool { name == "application/json" }
}

/// One route: what the router matches, what the specification says, and what runs.
public struct Route: Sendable {
    /// The method.
    public let method: Method
    /// The path template, `/api/settlements/{id}`: a parameter is a whole segment.
    public let path: String
    /// The operation's name, unique in the service, lowerCamelCase.
    public let id: String
    /// One line for the specification.
    public let summary: String
    /// More for the specification, Markdown.
    public let description: String
    /// The specification's group; the service's name when empty.
    public let tag: String
    /// Who may call.
    public let auth: Auth
    /// Whether a key is taken.
    public let idempotency: IdempotencyRule
    /// Query parameters, and what is said of path parameters.
    public let parameters: [Parameter]
    /// The body; nil when the route takes none.
    public let request: Schema?
    /// The body's media type.
    public let requestType: RequestType
    /// The answers that are not problems.
    public let responses: [ResponseSpec]
    /// The problems of the route's own, besides those that follow from its other properties.
    public let errors: [ProblemCode]
    /// Bytes of a body; past it 413.
    public let bodyLimit: Int
    /// What JSON the body may be.
    public let jsonLimits: JSONLimits
    /// How its refusals are described in the specification; nil: problem documents. What is answered follows from the
    /// path, see `ServiceConfiguration.dialects`.
    public let dialect: Dialect?
    /// What runs.
    public let handler: Handler

    /// Makes a route. `HTTPService.init` refuses templates, names and parameters that do not fit each other.
    public init(
        _ method: Method, _ path: String, id: String, summary: String, description: String = "", tag: String = "",
        auth: Auth = .none, idempotency: IdempotencyRule = .none, parameters: [Parameter] = [],
        request: Schema? = nil, requestType: RequestType = .json, responses: [ResponseSpec],
        errors: [ProblemCode] = [], bodyLimit: Int = ServiceLimits.body, jsonLimits: JSONLimits = .request,
        dialect: Dialect? = nil, handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.id = id
        self.summary = summary
        self.description = description
        self.tag = tag
        self.auth = auth
        self.idempotency = idempotency
        self.parameters = parameters
        self.request = request
        self.requestType = requestType
        self.responses = responses
        self.errors = errors
        self.bodyLimit = bodyLimit
        self.jsonLimits = jsonLimits
        self.dialect = dialect
        self.handler = handler
    }

    /// Whether callers sign.
    var isSigned: Bool {
        if case .signed = auth { true } else { false }
    }

    /// Every problem that the route can answer, its own first, each once.
    var allErrors: [ProblemCode] {
        var codes = errors
        if isSigned {
            codes += [
                .signatureMissing, .signatureInvalid, .signatureExpired, .signatureReplayed, .identityUnavailable,
            ]
        }
        if case .required = idempotency { codes.append(.idempotencyKeyMissing) }
        if isSigned { codes.append(.idempotencyKeyInvalid) }
        if request != nil, requestType.isJSON { codes.append(.malformedJSON) }
        if request != nil, requestType.isRequired { codes.append(.unsupportedMediaType) }
        codes += [.malformedRequest, .queryInvalid, .bodyTooLarge, .targetTooLong, .headersTooLarge, .requestTimeout]
        codes += [.rateLimited, .internalError, .overloaded]
        var seen = Set<ProblemCode>()
        return codes.filter { seen.insert($0).inserted }
    }
}
