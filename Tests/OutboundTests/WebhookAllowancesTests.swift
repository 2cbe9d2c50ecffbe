import Outbound
import Testing

/// Spellings of addresses that no delivery goes to.
enum InsideURLs {
    /// `HOST` parts of URLs: loopback, private, link-local and metadata addresses in every notation.
    static let hosts = [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0", "localhost",
        "LOCALHOST", "localhost.", "a.localhost", "%6cocalhost", "127.0.0.1.", "10.0.0.1", "10.1", "0xa.0.0.1",
        "012.0.0.1", "172.16.0.1", "192.168.1.1", "192.168.257", "3232235777", "100.64.0.1", "169.254.169.254",
        "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.254.43518", "[::1]", "[::]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]",
        "[fe80::1]", "[fd00:ec2::254]", "[fc00::1]", "[ff02::1]", "224.0.0.1", "255.255.255.255", "192.0.2.1",
    ]
}

@Suite("Where endpoints may lead")
struct WebhookAllowancesTests {
    @Test("an address that is none of the public internet is refused in every notation", arguments: InsideURLs.hosts)
    func inside(host: String) {
        #expect(WebhookAllowances.none.refusal(of: "https://\(host)/hook") != nil)
    }

    @Test(
        "what is not plain https is refused",
        arguments: [
            "http://hooks.example.com/", "https://hooks.example.com:8443/", "https://hooks.example.com:80/",
            "https://user@hooks.example.com/", "https://user:password@hooks.example.com/", "ftp://hooks.example.com/",
            "//hooks.example.com/", "hooks.example.com", "https://", "https:///hook", "https://hooks.example.com\\@x/",
            "https://hooks.example.com/ a", "https://h\u{00F6}ks.example.com/", "file:///etc/passwd", "javascript:1",
            "https://[fe80::1%25eth0]/", "https://hooks.example.com:0/", "https://hooks.example.com:443443/",
        ])
    func form(url: String) { #expect(WebhookAllowances.none.refusal(of: url) != nil) }

    @Test(
        "https on its port is let through",
        arguments: [
            "https://hooks.example.com", "https://hooks.example.com/a?b=c#d", "https://hooks.example.com:443/",
            "https://93.184.215.14/", "https://xn--hks-sna.example.com/",
        ])
    func outside(url: String) { #expect(WebhookAllowances.none.refusal(of: url) == nil) }

    @Test("a network or host that the node names is let through, with http and any port, and nothing beside it")
    func allowed() throws {
        let allowances = try WebhookAllowances("loopback, 10.1.0.0/16, hooks.internal:8080, other.internal")
        for url in [
            "http://127.0.0.1:9000/", "https://127.5/", "http://[::1]:1/", "http://10.1.2.3/",
            "http://hooks.internal:8080/",
            "https://hooks.internal:8080/", "https://other.internal/", "https://hooks.example.com/",
        ] {
            #expect(allowances.refusal(of: url) == nil, "\(url)")
        }
        for url in [
            "http://10.2.0.1/", "https://10.2.0.1/", "http://hooks.internal/", "https://hooks.internal:8081/",
            "http://other.internal/", "https://169.254.169.254/", "http://hooks.example.com/", "https://localhost/",
            "https://[::ffff:127.0.0.1]/",
        ] {
            #expect(allowances.refusal(of: url) != nil, "\(url)")
        }
    }

    @Test("a list that makes no sense is refused with its item")
    func items() throws {
        #expect(try WebhookAllowances("") == .none)
        #expect(try WebhookAllowances("private").ranges.count == 4)
        for item in ["10.1.2.3/8", "link_local", "a b/c", "hooks.internal:0", "user@host", "https://host"] {
            // A bare word is a host's name.
            if item == "link_local" { continue }
            #expect(throws: WebhookAllowances.InvalidItem.self, "\(item)") { try WebhookAllowances("loopback,\(item)") }
        }
    }
}
