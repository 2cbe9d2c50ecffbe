import HTTPClient
import Testing

@Suite("What must not be sent is refused before anything is", .timeLimit(.minutes(2)))
struct RequestFormTests {
    static let fields: [(String, String)] = [
        ("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "a\rb"), ("X", "a\0b"), ("X", "\u{7F}"), ("X", " a"), ("X", "a\t"),
        ("", "a"), ("X Y", "a"), ("X:", "a"), ("X\r\nY", "a"), ("Xä", "a"), ("Host", "b"), ("content-length", "1"),
        ("Transfer-Encoding", "chunked"), ("connection", "close"), ("Expect", "100-continue"), ("UPGRADE", "h2c"),
    ]

    @Test("headers that would be read as something else", arguments: fields)
    func refusedFields(name: String, value: String) async throws {
        try await withClient { client in
            let headers = HTTPHeaders([HTTPHeaders.Field(name: name, value: value)])
            let error = try await failure(client, HTTPRequest(.get, "http://127.0.0.1:1/", headers: headers))
            #expect(error.code == .requestInvalid)
            #expect(error.outcome == .nothingSent)
        }
    }

    @Test("headers without end, and a body with GET")
    func sizes() async throws {
        try await withClient { client in
            let long: HTTPHeaders = ["X": String(repeating: "x", count: 70_000)]
            let error = try await failure(client, HTTPRequest(.get, "http://127.0.0.1:1/", headers: long))
            #expect(error.code == .requestInvalid)
            let body = try await failure(client, HTTPRequest(.get, "http://127.0.0.1:1/", body: [1]))
            #expect(body.code == .requestInvalid)
        }
    }

    static let addresses = [
        "", "/path", "example.com", "//example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://a/",
        "http://", "http:///x", "http://user@example.com/", "http://user:word@example.com/", "http://@example.com/",
        "http://example.com:0/", "http://example.com:65536/", "http://example.com:x/", "http://exa mple.com/",
        "http://example.com/a b", "http://example.com\\@127.0.0.1/", "http://example.com/\r\nX: y",
        "http://ex\u{E4}.com/",
        "http://[fe80::1%25eth0]/", "http://[::1/", "http://[1.2.3.4]/", "http://[::g]/", "http://a..b/", "http://.a/",
        "http://%00.com/", "http://a%0d%0a.com/", "http://a%20b/", "http://a,b/", "http://a;b/", "http://a'b/",
        "http://" + String(repeating: "a", count: 64) + ".com/", "javascript:alert(1)", "https:example.com",
        "http://example.com/" + String(repeating: "a", count: 9000),
    ]

    @Test("addresses that are none, or name a user", arguments: addresses)
    func invalid(url: String) throws {
        do {
            let target = try HTTPTarget(url)
            Issue.record("taken as \(target.url)")
        } catch {
            #expect(error.code == .addressInvalid)
            #expect(error.outcome == .nothingSent)
        }
    }

    static let spellings: [(String, String)] = [
        ("http://2130706433/", "http://127.0.0.1:80"), ("http://0x7f000001/", "http://127.0.0.1:80"),
        ("http://0177.0.0.1/", "http://127.0.0.1:80"), ("http://0x7f.0.0.1/", "http://127.0.0.1:80"),
        ("http://127.1/", "http://127.0.0.1:80"), ("http://127.0.1/", "http://127.0.0.1:80"),
        ("http://%31%32%37.0.0.1/", "http://127.0.0.1:80"), ("http://3232235777/", "http://192.168.1.1:80"),
        ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]:80"),
        ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:127.0.0.1]:80"),
        ("HTTP://EXAMPLE.com./a", "http://example.com:80"), ("https://example.com", "https://example.com:443"),
        ("https://a_b.example:8443/x?y", "https://a_b.example:8443"),
    ]

    @Test("odd spellings of an address are read as the address that they lead to", arguments: spellings)
    func spelled(url: String, origin: String) throws {
        #expect(try HTTPTarget(url).origin == origin)
    }

    @Test("settings that make no sense are refused")
    func settings() {
        var configurations: [HTTPClientConfiguration] = []
        configurations.append(HTTPClientConfiguration(deadline: .zero))
        configurations.append(HTTPClientConfiguration(connectTimeout: .seconds(-1)))
        configurations.append(HTTPClientConfiguration(inFlightMax: 0))
        configurations.append(HTTPClientConfiguration(waitingMax: -1))
        configurations.append(HTTPClientConfiguration(responseBytesMax: -1))
        configurations.append(HTTPClientConfiguration(extraAuthorityFile: "/nonexistent/authorities.pem"))
        for configuration in configurations {
            #expect { _ = try HTTPClient(configuration) } throws: {
                ($0 as? HTTPError)?.code == .configurationInvalid
            }
        }
    }
}
