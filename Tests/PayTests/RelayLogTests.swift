import Cryptography
import HTTPClient
import Pay
import Settlement
import Synchronization
import Testing

/// Answers requests from a list, and keeps what was asked.
private final class Answers: HTTPExchanging {
    private let answers: Mutex<[Result<HTTPResponse, HTTPError>]>
    let asked = Mutex<[String]>([])

    init(_ answers: [Result<HTTPResponse, HTTPError>]) { self.answers = Mutex(answers) }

    convenience init(_ status: Int, _ body: String) {
        self.init([.success(HTTPResponse(status: status, body: Array(body.utf8)))])
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        asked.withLock { $0.append(request.url) }
        return try answers.withLock { $0.removeFirst() }.get()
    }
}

@Suite("A relay's log over HTTP")
struct RelayLogTests {
    @Test("a page is asked for by cursor and limit, and read")
    func page() async throws {
        let body =
            #"{"entries":[{"cid":"bafya","jwsToken":"x.y.z","kind":"identity-op","chainId":"did:dfos:a"}],"#
            + #""next":"bafya"}"#
        let http = Answers([
            .success(HTTPResponse(status: 200, body: Array(body.utf8))),
            .success(HTTPResponse(status: 200, body: Array(#"{"entries":[],"next":null}"#.utf8))),
        ])
        let log = HTTPRelayLog(address: "http://127.0.0.1:3002/relay/", http: http)
        let page = try await log.page(after: nil, limit: 1000)
        #expect(page == RelayLogPage(entries: [RelayLogEntry(cid: "bafya", token: "x.y.z")], next: "bafya"))
        #expect(try await log.page(after: "bafya", limit: 3) == RelayLogPage(entries: [], next: nil))
        #expect(
            http.asked.withLock { $0 } == [
                "http://127.0.0.1:3002/relay/proof/v1/log?limit=1000",
                "http://127.0.0.1:3002/relay/proof/v1/log?limit=3&after=bafya",
            ])
    }

    @Test("a relay goes by the DID that it says it has, at every address; one that says none goes by its address")
    func identity() async throws {
        func name(_ status: Int, _ body: String) async throws -> String {
            let http = Answers(status, body)
            let log = HTTPRelayLog(address: "http://r/relay/", http: http)
            let name = try await log.identity()
            #expect(try await log.identity() == name, "asked for once")
            #expect(http.asked.withLock { $0 } == ["http://r/relay/.well-known/dfos-relay"])
            return name
        }
        #expect(try await name(200, #"{"did":"did:dfos:abc","protocol":"dfos-web-relay"}"#) == "did:dfos:abc")
        for body in ["{}", "no json", #"{"did":7}"#, #"{"did":"did:dfos:a b"}"#, #"{"did":"me"}"#] {
            #expect(try await name(200, body) == "http://r/relay")
        }
        #expect(try await name(404, "") == "http://r/relay")
        await #expect(throws: RelayLogFailure.unreachable("status 503")) { try await name(503, "") }
    }

    @Test("an older relay's cursor is read as next")
    func older() async throws {
        let log = HTTPRelayLog(
            address: "http://r", http: Answers(200, #"{"entries":[{"cid":"b","jwsToken":"t"}],"cursor":"b"}"#))
        #expect(try await log.page(after: nil, limit: 1).next == "b")
    }

    @Test(
        "what is no page is refused, whatever it is",
        arguments: [
            "", "{}", "[]", #"{"entries":{}}"#, #"{"entries":[1]}"#, #"{"entries":[{"cid":"b"}]}"#,
            #"{"entries":[{"cid":"b","jwsToken":1}]}"#, #"{"entries":[{"cid":"a b","jwsToken":"t"}]}"#,
            #"{"entries":[],"next":"b"}"#, #"{"entries":[{"cid":"b","jwsToken":"t"}],"next":7}"#,
            #"{"entries":[{"cid":"b","jwsToken":"t"}],"next":"a&b"}"#,
        ])
    func malformed(body: String) async throws {
        let log = HTTPRelayLog(address: "http://r", http: Answers(200, body))
        let failure = await #expect(throws: RelayLogFailure.self) { try await log.page(after: nil, limit: 1) }
        guard case .malformed = failure else {
            Issue.record("\(body): \(String(describing: failure))")
            return
        }
    }

    @Test("statuses and broken exchanges say what to do")
    func failures() async throws {
        func failure(_ http: Answers, after cursor: String?) async -> RelayLogFailure? {
            do throws(RelayLogFailure) {
                _ = try await HTTPRelayLog(address: "http://r", http: http).page(after: cursor, limit: 10)
                return nil
            } catch {
                return error
            }
        }
        #expect(await failure(Answers(400, "{}"), after: "b") == .cursorUnknown)
        #expect(await failure(Answers(400, "{}"), after: nil) == .unreachable("status 400"))
        for status in [301, 404, 429, 500, 501, 503] {
            #expect(await failure(Answers(status, "{}"), after: "b") == .unreachable("status \(status)"))
        }
    }
}
