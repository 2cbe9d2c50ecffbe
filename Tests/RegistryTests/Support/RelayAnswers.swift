import Cryptography
import HTTPClient
import ProofChain

/// An answer of a relay.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    /// The body as JSON: a member is nil where it is none.
    var json: Members { Members(root: (try? JSONDocument(parsing: body))?.root) }

    /// Members of what may be no JSON.
    struct Members {
        let root: JSONValue?

        subscript(name: String) -> JSONValue? { root?[name] }
    }
    var error: String? { json["error"]?.string }
}

private let http = Result { try HTTPClient(HTTPClientConfiguration(egress: .any, responseBytesMax: 64 << 20)) }

/// Sends one request.
func send(
    _ method: HTTPMethod, _ url: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []
) async throws -> Answer {
    let response = try await http.get().send(HTTPRequest(method, url, headers: headers, body: body))
    return Answer(status: response.status, headers: response.headers, body: response.body)
}

func get(_ url: String) async throws -> Answer { try await send(.get, url) }

/// Brings operations to a relay.
func post(_ tokens: [String], to base: String, headers: HTTPHeaders = HTTPHeaders()) async throws -> Answer {
    var out = JSONWriter()
    out.beginObject()
    out.field("operations", tokens)
    out.endObject()
    var headers = headers
    headers.set("Content-Type", "application/json")
    return try await send(.post, base + "/proof/v1/operations", headers: headers, body: out.bytes)
}

/// What became of operations: `status`, and `?` behind it where something is missing.
func statuses(_ answer: Answer) -> [String] {
    guard let results = answer.json["results"] else { return [] }
    return results.elements.map { result in
        (result["status"]?.string ?? "") + (result["dependencyMissing"]?.bool == true ? "?" : "")
    }
}

/// The CIDs of a page of a log.
func cids(_ page: Answer) -> [String] {
    guard let entries = page.json["entries"] else { return [] }
    return entries.elements.compactMap { $0["cid"]?.string }
}

/// All CIDs of a log, read page by page.
func wholeLog(_ base: String, _ path: String = "/proof/v1/log", page: Int = 1000) async throws -> [String] {
    var all: [String] = []
    var after = ""
    while true {
        let answer = try await get("\(base)\(path)?limit=\(page)&after=\(after)")
        all += cids(answer)
        guard let next = answer.json["next"]?.string else { return all }
        after = next
    }
}
