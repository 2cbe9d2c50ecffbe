import Cryptography
import HTTPClient
import Synchronization

/// Stands between a client and its nodes, and lets a test do something before a question is passed on, or answer it.
final class HTTPHook: HTTPExchanging {
    /// One question.
    struct Question {
        let url: String
        let method: String
        let id: Int64
        let parameters: [JSONValue]

        /// The member of the last parameter.
        func option(_ name: String) -> JSONValue? { parameters.last?[name] }

        /// Whether something stands among the parameters as text.
        func names(_ text: String) -> Bool {
            parameters.contains { $0.string == text || $0.elements.contains { $0.string == text } }
        }

        /// What a node that has not come so far answers.
        var behind: HTTPResponse {
            HTTPResponse(
                status: 200,
                body: Array(
                    #"{"jsonrpc":"2.0","id":\#(id),"error":{"code":-32016,"message":"not yet"}}"#.utf8))
        }

        /// What a node answers that knows no account.
        func noAccounts(slot: Int64) -> HTTPResponse {
            var count = 0
            parameters.first?.elements.forEach { _ in count += 1 }
            let nulls = Array(repeating: "null", count: count).joined(separator: ",")
            return HTTPResponse(
                status: 200,
                body: Array(
                    #"{"jsonrpc":"2.0","id":\#(id),"result":{"context":{"slot":\#(slot)},"value":[\#(nulls)]}}"#.utf8))
        }
    }

    typealias Answer = @Sendable (Question) async -> HTTPResponse?

    private let http: any HTTPExchanging
    private let answer = Mutex<Answer?>(nil)

    init(_ http: any HTTPExchanging) { self.http = http }

    /// Asks `answer` before each question; nil passes it on.
    func set(_ answer: Answer?) { self.answer.withLock { $0 = answer } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        if let answer = answer.withLock({ $0 }), let root = try? JSONDocument(parsing: request.body).root,
            let method = root["method"]?.string, let id = root["id"]?.int64
        {
            var parameters: [JSONValue] = []
            root["params"]?.elements.forEach { parameters.append($0) }
            let question = Question(url: request.url, method: method, id: id, parameters: parameters)
            if let given = await answer(question) { return given }
        }
        return try await http.send(request)
    }
}
