import HTTPClient
import Testing

@Suite("The guard's table of addresses")
struct EgressTableTests {
    static let web = EgressPolicy.Endpoint(host: "hooks.example", port: 443)

    /// Addresses that nobody's hook has, a line for each kind.
    static let refused: [(AddressKind, [String])] = [
        (.loopback, ["127.0.0.1", "127.0.0.0", "127.1.2.3", "127.255.255.255", "::1"]),
        (.unspecified, ["0.0.0.0", "0.0.0.1", "0.255.255.255", "::"]),
        (
            .privateUse,
            [
                "10.0.0.0", "10.0.0.1", "10.255.255.255", "172.16.0.0", "172.16.0.1", "172.20.10.2", "172.31.255.255",
                "192.168.0.0", "192.168.1.1", "192.168.255.255", "fc00::", "fc00::1", "fd12:3456:789a::1",
                "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::1", "feff::1",
            ]
        ),
        (
            .linkLocal,
            ["169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255", "fe80::", "fe80::1", "febf::1"]
        ),
        (.carrierShared, ["100.64.0.0", "100.64.0.1", "100.100.100.200", "100.127.255.255"]),
        (
            .protocolAssignment,
            [
                "192.0.0.0", "192.0.0.8", "192.0.0.170", "192.0.0.192", "192.0.0.255", "2001:1::1", "2001:20::1",
                "2001:1ff:ffff::1",
            ]
        ),
        (
            .documentation,
            [
                "192.0.2.0", "192.0.2.255", "198.51.100.0", "198.51.100.7", "203.0.113.0", "203.0.113.255",
                "2001:db8::", "2001:db8:ffff::1", "3fff::1", "3fff:fff:ffff::1",
            ]
        ),
        (.benchmarking, ["198.18.0.0", "198.18.0.1", "198.19.255.255", "2001:2::1", "2001:2:0:ffff::1"]),
        (
            .multicast,
            ["224.0.0.0", "224.0.0.1", "232.1.1.1", "239.255.255.255", "ff00::", "ff02::1", "ff0e::1", "ffff::1"]
        ),
        (.broadcast, ["255.255.255.255"]),
        (.reserved, ["240.0.0.0", "250.1.2.3", "255.255.255.254", "5f00::1", "100:0:0:1::1"]),
        (.discardOnly, ["100::", "100::1", "100::ffff:ffff:ffff:ffff"]),
        (
            .embeddedIPv4,
            [
                "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::ffff:7f00:1",
                "::127.0.0.1", "::10.0.0.1", "::8.8.8.8", "::2", "::ffff:0:127.0.0.1",
            ]
        ),
        (
            .translated,
            [
                "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "64:ff9b:1:ffff::1",
                "2002:7f00:1::1", "2002:a00:1::", "2002:a9fe:a9fe::1", "2002:808:808::1", "2001::1", "2001:0:4136::1",
                "192.88.99.1",
            ]
        ),
        (
            .unassigned,
            [
                "200::1", "400::1", "1000::1", "1fff::1", "4000::1", "8000::1", "c000::1", "e000::1", "fbff::1",
                "fe00::1", "64:ff9a::1",
            ]
        ),
    ]

    @Test("each kind of address is refused by name", arguments: refused)
    func isRefused(kind: AddressKind, texts: [String]) throws {
        for text in texts {
            let address = try #require(IPAddress(text))
            let expected = EgressRefusal.address(address, kind)
            #expect(EgressPolicy.publicInternet.refusal(of: address, for: Self.web) == expected, "\(text)")
            // As the host of a URL too.
            let literal = EgressPolicy.Endpoint(host: text, port: 443)
            #expect(EgressPolicy.publicInternet.refusal(of: literal) == expected, "\(text)")
            // Among public ones, wherever it stands.
            let mixed = try [#require(IPAddress("8.8.8.8")), address, #require(IPAddress("1.1.1.1"))]
            #expect(EgressPolicy.publicInternet.refusal(of: mixed, for: Self.web) == expected)
            #expect(EgressPolicy.any.refusal(of: address, for: Self.web) == nil)
        }
    }

    static let allowed = [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0",
        "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "2000::1", "2001:200::1",
        "2001:db7:ffff::1", "2001:db9::", "2001:4860:4860::8888", "2003::1", "2400:cb00::1", "2606:4700:4700::1111",
        "2a00:1450:4001::1", "3ffe:ffff::1", "3fff:1000::1",
    ]

    @Test("addresses beside the blocks are not", arguments: allowed)
    func isAllowed(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(EgressPolicy.publicInternet.refusal(of: address, for: Self.web) == nil)
        #expect(address.description == text || address == IPAddress(address.description))
    }

    /// The edges of every block, those beside them, and two thousand others.
    private static func sample() -> [IPAddress] {
        var addresses: [IPAddress] = []
        for block in SpecialPurpose.blocks {
            switch block.range.first {
            case .v4(let first):
                let last =
                    first | (block.range.prefixLength == 0 ? .max : ~UInt32(0) >> UInt32(block.range.prefixLength))
                addresses += [first, last, first &- 1, last &+ 1].map { .v4($0) }
            case .v6(let first):
                let last = first | (~UInt128(0) >> UInt128(block.range.prefixLength))
                addresses += [first, last, first &- 1, last &+ 1].map { .v6($0) }
            }
        }
        for _ in 0..<1000 {
            addresses.append(.v4(.random(in: 0 ... .max)))
            addresses.append(.v6(.random(in: UInt128(0b001) << 125...UInt128(0b010) << 125)))
        }
        return addresses
    }

    @Test("whatever the guard lets pass is a global unicast address to Python's ipaddress as well")
    func independent() async throws {
        let passed = Self.sample().filter { EgressPolicy.publicInternet.refusal(of: $0, for: Self.web) == nil }
        #expect(passed.count > 1500)
        let script = """
            import ipaddress, sys
            for line in sys.stdin:
                a = ipaddress.ip_address(line.strip())
                if not a.is_global or a.is_multicast or a.is_reserved or getattr(a, "sixtofour", None): print(a)
            """
        let input = passed.map { "\($0)\n" }.joined()
        #expect(try await Subprocess.run([Subprocess.python, "-c", script], input: input).isEmpty)
    }
}
