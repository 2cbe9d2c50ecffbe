import Cryptography
import Foundation
import Testing

/// A request that must be refused, and how.
struct Case {
    /// Status and code.
    let expected: String
    let request: Request
    /// Whether a retry gets the same answer from the book.
    let isStored: Bool
    let what: String

    init(_ expected: String, _ what: String, _ request: Request) {
        (self.expected, self.what, self.request, isStored) = (expected, what, request, false)
    }

    init(_ expected: String, stored: Bool = false, _ request: Request) {
        (self.expected, what, self.request, isStored) = (expected, request.target, request, stored)
    }

    /// Sends it, and checks the answer's form and what a retry gets.
    func check(on node: Node, codes: Set<String>, _ location: SourceLocation = #_sourceLocation) throws {
        let answer = try node.send(request)
        let label: Comment = "\(what): \(answer.summary) \(answer.text.prefix(400))"
        #expect(answer.summary == expected, label, sourceLocation: location)
        #expect(answer.headers["content-type"] == "application/problem+json", label, sourceLocation: location)
        let members = answer.json?.members.map { $0.key } ?? []
        #expect(Set(["type", "title", "status", "detail", "code", "trace_id"]).isSubset(of: members), label)
        #expect(answer.json?["trace_id"]?.string == answer.headers["trace-id"], label, sourceLocation: location)
        #expect(answer.json?["status"]?.int64 == Int64(answer.status), label, sourceLocation: location)
        let isListed = codes.contains(answer.code ?? "")
        #expect(isListed, "the specification lists \(expected)", sourceLocation: location)
        if request.key != nil {
            let again = try node.send(request.with { $0.nonce = UUID().uuidString })
            #expect(again.summary == expected, label, sourceLocation: location)
            #expect(again.isReplayed == isStored, "stored: \(isStored); \(label)", sourceLocation: location)
            if isStored { #expect(again.body == answer.body, label, sourceLocation: location) }
        }
    }

    /// All codes that a node's specification names.
    static func codes(of node: Node) throws -> Set<String> {
        let specification = try node.send(.get("/api/spec")).text
        let words = specification.split { !($0.isLetter || $0 == "_") }
        return Set(words.map(String.init))
    }
}
