import HTTPClient
import Testing

@Suite("Where a client may connect to, by policy")
struct EgressPolicyTests {
    typealias Endpoint = EgressPolicy.Endpoint

    @Test(
        "names of this machine are refused without a lookup",
        arguments: ["localhost", "LOCALHOST", "a.localhost", "localhost."])
    func localNames(name: String) {
        #expect(EgressPolicy.publicInternet.refusal(of: Endpoint(host: name, port: 443)) == .localName)
        #expect(EgressPolicy.any.refusal(of: Endpoint(host: name, port: 443)) == nil)
    }

    @Test("other names are left to their addresses")
    func names() {
        for name in ["localhost.example", "notlocalhost", "example.com", "localhos.t"] {
            #expect(EgressPolicy.publicInternet.refusal(of: Endpoint(host: name, port: 80)) == nil)
        }
    }

    @Test(
        "only the ports of the web, unless others are named",
        arguments: [1, 22, 25, 79, 81, 3306, 5432, 6379, 8080, 65535] as [UInt16])
    func ports(port: UInt16) {
        let endpoint = Endpoint(host: "example.com", port: port)
        #expect(EgressPolicy.publicInternet.refusal(of: endpoint) == .port(port))
        #expect(EgressPolicy.publicInternet(ports: [port]).refusal(of: endpoint) == nil)
        #expect(
            EgressPolicy.publicInternet(ports: [port]).refusal(of: Endpoint(host: "example.com", port: 443))
                == .port(443))
    }

    @Test("an endpoint or a range that the operator added passes, and nothing beside it")
    func additions() throws {
        let inner = try #require(IPAddress("10.1.2.3"))
        let loopback = try #require(IPAddress("127.0.0.1"))
        let range = try #require(AddressRange("10.1.0.0/16"))
        let policy = EgressPolicy.publicInternet(
            endpoints: [Endpoint(host: "Hooks.Internal.", port: 8080)], ranges: [range])
        let named = Endpoint(host: "hooks.internal", port: 8080)
        #expect(policy.refusal(of: named) == nil)
        #expect(policy.refusal(of: [inner, loopback], for: named) == nil)
        let other = Endpoint(host: "hooks.internal", port: 443)
        #expect(policy.refusal(of: [inner], for: other) == nil)
        #expect(policy.refusal(of: [inner, loopback], for: other) == .address(loopback, .loopback))
        #expect(policy.refusal(of: Endpoint(host: "other.internal", port: 8080)) == .port(8080))
        #expect(policy.refusal(of: Endpoint(host: "10.1.2.3", port: 80)) == nil)
        #expect(policy.refusal(of: Endpoint(host: "10.2.2.3", port: 80)) != nil)
    }

    @Test("a list allows what is on it, however an address is written, and nothing else")
    func list() throws {
        let policy = EgressPolicy.only([Endpoint(host: "[::1]", port: 8899), Endpoint(host: "rpc.example", port: 443)])
        #expect(try policy.refusal(of: HTTPTarget("http://[0:0::0:1]:8899/").endpoint) == nil)
        #expect(try policy.refusal(of: HTTPTarget("https://RPC.example./").endpoint) == nil)
        for url in ["http://rpc.example/", "https://rpc.example:8443/", "https://rpc.example.com/", "http://[::1]/"] {
            #expect(try policy.refusal(of: HTTPTarget(url).endpoint) == .unlisted)
        }
        #expect(
            try policy.refusal(of: #require(IPAddress("10.0.0.1")), for: Endpoint(host: "rpc.example", port: 443))
                == nil)
    }

    @Test("a socket to any other address than those that were judged is not made")
    func sockets() throws {
        let (good, other, inner) = try (
            #require(IPAddress("93.184.215.14")), #require(IPAddress("8.8.8.8")), #require(IPAddress("127.0.0.1"))
        )
        let endpoint = Endpoint(host: "example.com", port: 443)
        for policy in [EgressPolicy.publicInternet, .any] {
            let line = ConnectionGuard(policy, endpoint, addresses: [good])
            #expect(line.refusal(ofSocketTo: good) == nil)
            #expect(line.refusal(ofSocketTo: other) == .unchecked)
            #expect(line.refusal(ofSocketTo: inner) == .unchecked)
            #expect(line.refusal(ofSocketTo: nil) == .unchecked)
        }
        // Should an address have come past the first line, the second one judges it again.
        let line = ConnectionGuard(.publicInternet, endpoint, addresses: [inner])
        #expect(line.refusal(ofSocketTo: inner) == .address(inner, .loopback))
        #expect(line.refusal(ofConnectionTo: "127.0.0.1") == .address(inner, .loopback))
        #expect(line.refusal(ofConnectionTo: "8.8.8.8") == nil)
        #expect(line.refusal(ofConnectionTo: "") == .unchecked)
        #expect(ConnectionGuard(.any, endpoint, addresses: []).refusal(ofConnectionTo: "") == nil)
    }

    @Test("what is no block of addresses is not read as one")
    func ranges() {
        for text in [
            "", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8", "::1/129", "::1/64", "a/8",
            "10.0.0.0/",
        ] {
            #expect(AddressRange(text) == nil, "\(text)")
        }
        #expect(AddressRange("0.0.0.0/0")?.description == "0.0.0.0/0")
        #expect(AddressRange("2001:db8::/32")?.description == "2001:db8::/32")
        #expect(AddressRange("192.0.2.1")?.prefixLength == 32)
    }
}
