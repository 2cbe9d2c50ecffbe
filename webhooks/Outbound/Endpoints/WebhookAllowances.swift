public import HTTPClient

/// What endpoints may lead to besides the public internet over https: networks and hosts that the operator named.
public struct WebhookAllowances: Hashable, Sendable {
    /// Addresses that count as public. An endpoint at one of them in text may use http and any port.
    public let ranges: [AddressRange]
    /// Hosts with their ports, whatever their addresses; http is let through.
    public let hosts: Set<EgressPolicy.Endpoint>

    /// Nothing.
    public static let none = WebhookAllowances(ranges: [], hosts: [])

    /// The networks that have a name. The metadata services of clouds (link-local) have none: who wants to reach such
    /// an address writes the block.
    public static let networks: [String: [String]] = [
        "loopback": ["127.0.0.0/8", "::1/128"],
        "private": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
        "carrier": ["100.64.0.0/10"],
    ]

    /// Items of the setting, at most.
    public static let itemsMax = 64

    /// Groups what is allowed.
    public init(ranges: [AddressRange], hosts: Set<EgressPolicy.Endpoint>) {
        self.ranges = ranges
        self.hosts = hosts
    }

    /// Reads a comma-separated list of networks by name, blocks (`10.1.0.0/16`) and hosts (`hooks.internal`,
    /// `hooks.internal:8443`; without a port 443).
    ///
    /// - Throws: the item that is none of these.
    public init(_ text: String) throws(InvalidItem) {
        var ranges: [AddressRange] = []
        var hosts: Set<EgressPolicy.Endpoint> = []
        let items = text.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
        guard items.count <= Self.itemsMax else { throw InvalidItem(item: "more than \(Self.itemsMax) items") }
        for item in items {
            if let blocks = Self.networks[item] {
                ranges += blocks.compactMap { AddressRange($0) }
            } else if let range = AddressRange(item) {
                ranges.append(range)
            } else if item.utf8.allSatisfy(Self.isHostByte), let target = try? HTTPTarget("https://\(item)/") {
                hosts.insert(target.endpoint)
            } else {
                throw InvalidItem(item: item)
            }
        }
        self.init(ranges: ranges, hosts: hosts)
    }

    /// Letters, digits and what stands in names, addresses and before ports.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: ".-_:[]".utf8.contains(byte)
        }
    }

    /// Why a list cannot be read.
    public struct InvalidItem: Error, Hashable, Sendable {
        /// The item.
        public let item: String
    }

    /// Where the client that delivers may connect to. It judges addresses and every connection; scheme and port are
    /// judged by ``refusal(of:)`` before each attempt.
    public var policy: EgressPolicy {
        let ports = ranges.isEmpty ? [Self.port] : Set(1...UInt16.max)
        return .publicInternet(ports: ports, endpoints: hosts, ranges: ranges)
    }

    /// The settings of the client that delivers. Slots of endpoints bound what is under way; origins have no bound of
    /// their own, for endpoints of several services may share one. Addresses are looked up for each attempt.
    public func clientConfiguration(userAgent: String) -> HTTPClientConfiguration {
        let inFlightMax = DeliverySlots.healthyMax + DeliverySlots.failingMax
        return HTTPClientConfiguration(
            egress: policy, deadline: .seconds(DeliveryMachine.answerSecondsMax), responseBytesMax: 4096,
            inFlightMax: inFlightMax, inFlightPerOriginMax: inFlightMax, addressesKeptFor: .zero, userAgent: userAgent)
    }

    private static let port: UInt16 = 443

    /// Why no endpoint may have this URL; nil: nothing speaks against it. What its name leads to is judged when a
    /// connection is made, each time anew: it may change.
    public func refusal(of url: String) -> String? {
        let target: HTTPTarget
        do throws(HTTPError) {
            target = try HTTPTarget(url)
        } catch {
            return error.message
        }
        if hosts.contains(target.endpoint) { return nil }
        if let address = target.literal, ranges.contains(where: { $0.contains(address) }) { return nil }
        guard target.scheme == "https" else { return "the URL is not https" }
        guard target.endpoint.port == Self.port else { return "the port is not \(Self.port)" }
        return policy.refusal(of: target.endpoint)?.reason
    }
}
