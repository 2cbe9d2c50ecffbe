import Foundation
import HTTPClient
import Testing

@Suite("TLS is verified, always", .timeLimit(.minutes(2)))
struct TLSTests {
    private func configuration(_ authority: Certificate?, folder: String? = nil) -> HTTPClientConfiguration {
        var configuration = HTTPClientConfiguration(egress: .any, extraAuthorityFile: authority?.file)
        configuration.authorityFolder = folder
        return configuration
    }

    @Test("a certificate that signed itself is refused, and accepted with it as an authority")
    func ownAuthority() async throws {
        let certificate = try await Certificate()
        let other = try await Certificate()
        defer { [certificate, other].forEach { $0.remove() } }
        try await OddServer.with(.tls(certificate)) { server in
            for authority in [nil, other] {
                try await withClient(configuration(authority)) { client in
                    let error = try await failure(client, HTTPRequest(.post, server.base + "/echo", body: [1]))
                    #expect(error.code == .tlsFailed)
                    #expect(error.outcome == .nothingSent)
                    #expect(error.message.contains("certificate"))
                }
            }
            try await withClient(configuration(certificate)) { client in
                for _ in 0..<3 {
                    let response = try await client.send(HTTPRequest(.post, server.base + "/echo", body: [1]))
                    #expect(try Echo(response).values(of: "host") == ["localhost:\(server.port)"])
                }
                let counts = try await client.send(HTTPRequest(.get, server.base + "/counts"))
                let seen = try JSONDecoder().decode(OddServer.Counts.self, from: Data(counts.body))
                #expect(seen.requests == ["/echo": 3, "/counts": 1])
            }
        }
    }

    @Test("a trusted certificate for another name is refused")
    func otherName() async throws {
        let certificate = try await Certificate(name: "other.example")
        defer { certificate.remove() }
        try await OddServer.with(.tls(certificate)) { server in
            try await withClient(configuration(certificate)) { client in
                let error = try await failure(client, HTTPRequest(.get, server.base + "/echo"))
                #expect(error.code == .tlsFailed)
                #expect(error.outcome == .nothingSent)
            }
        }
    }

    @Test("the extra file adds to the store of the system, and does not take its place")
    func bothStores() async throws {
        let certificate = try await Certificate()
        let stored = try await Certificate()
        defer { [certificate, stored].forEach { $0.remove() } }
        let store = try await stored.store()
        for served in [certificate, stored] {
            try await OddServer.with(.tls(served)) { server in
                try await withClient(configuration(certificate, folder: store)) { client in
                    let response = try await client.send(HTTPRequest(.get, server.base + "/echo"))
                    #expect(response.status == 200)
                }
            }
        }
    }

    @Test("HTTP/2 is spoken where the server offers it")
    func http2() async throws {
        let certificate = try await Certificate()
        defer { certificate.remove() }
        try await OddServer.with(.http2(certificate)) { server in
            try await withClient(configuration(certificate)) { client in
                for _ in 0..<3 {
                    let response = try await client.send(HTTPRequest(.post, server.base + "/", body: [1, 2, 3]))
                    #expect(response.status == 200)
                    #expect(response.headers["X-Two"] == "yes")
                    #expect(response.body == Array("by two".utf8))
                }
            }
        }
    }
}
