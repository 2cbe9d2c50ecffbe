/// Where a client may connect to. A value that decides; the client asks it three times: about the name and port, about
/// every address of the name before connecting, and about the address of each socket and of each connection used.
///
/// A client has one policy for life, so that no connection kept for one policy is used under another.
public struct EgressPolicy: Sendable, Equatable {
    /// A host that the operator named.
    public struct Endpoint: Sendable, Hashable {
        /// The name or address as it stands in a URL, in small letters, without brackets and final dot.
        public let host: String
        /// The port.
        public let port: UInt16

        /// Makes an endpoint.
        public init(host: String, port: UInt16) {
            let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
            // One spelling for each address, so that equal endpoints are equal.
            self.host = IPAddress(bare)?.description ?? HTTPTarget.normalized(host: bare)
            self.port = port
        }
    }

    private enum Rule: Sendable, Equatable {
        case any
        case listed(Set<Endpoint>)
        case guarded(ports: Set<UInt16>, exempt: Set<Endpoint>, ranges: [AddressRange])
    }

    private let rule: Rule

    /// The ports of http and https.
    public static let webPorts: Set<UInt16> = [80, 443]

    /// Addresses of the public internet, on ports 80 and 443: for addresses that others gave us.
    public static let publicInternet = publicInternet()

    /// Wherever the address leads: for addresses that the operator configured, never for one that others gave us.
    public static let any = EgressPolicy(rule: .any)

    /// Addresses of the public internet, and what the operator adds.
    ///
    /// - Parameters:
    ///   - ports: the ports that may be called.
    ///   - endpoints: may be called whatever their port and address.
    ///   - ranges: addresses that count as public: a private network where hooks are delivered, for example.
    public static func publicInternet(
        ports: Set<UInt16> = webPorts, endpoints: Set<Endpoint> = [], ranges: [AddressRange] = []
    ) -> EgressPolicy {
        EgressPolicy(rule: .guarded(ports: ports, exempt: endpoints, ranges: ranges))
    }

    /// These endpoints and nothing else, whatever their addresses.
    public static func only(_ endpoints: Set<Endpoint>) -> EgressPolicy { EgressPolicy(rule: .listed(endpoints)) }

    /// What speaks against a host and port, before anything is looked up; nil: nothing.
    ///
    /// - Parameter endpoint: where a URL leads. A host that is an address in text is judged as that too.
    public func refusal(of endpoint: Endpoint) -> EgressRefusal? {
        switch rule {
        case .any: return nil
        case .listed(let listed): return listed.contains(endpoint) ? nil : .unlisted
        case .guarded(let ports, let exempt, _):
            if exempt.contains(endpoint) { return nil }
            guard ports.contains(endpoint.port) else { return .port(endpoint.port) }
            if endpoint.host == "localhost" || endpoint.host.hasSuffix(".localhost") { return .localName }
            return IPAddress(endpoint.host).flatMap { refusal(of: $0, for: endpoint) }
        }
    }

    /// What speaks against connecting to an address in order to reach that endpoint; nil: nothing.
    public func refusal(of address: IPAddress, for endpoint: Endpoint) -> EgressRefusal? {
        guard case .guarded(_, let exempt, let ranges) = rule, !exempt.contains(endpoint) else { return nil }
        if ranges.contains(where: { $0.contains(address) }) { return nil }
        return SpecialPurpose.kind(of: address).map { .address(address, $0) }
    }

    /// What speaks against the addresses of a name: one that is refused spoils them all, for a name that leads both
    /// outside and inside is no accident.
    public func refusal(of addresses: [IPAddress], for endpoint: Endpoint) -> EgressRefusal? {
        for address in addresses {
            if let refusal = refusal(of: address, for: endpoint) { return refusal }
        }
        return nil
    }
}
