/// The second line of a policy: judges where sockets and connections of one exchange really lead, whatever was looked
/// up, kept or pinned before. A value that decides.
package struct ConnectionGuard: Sendable {
    private let egress: EgressPolicy
    private let endpoint: EgressPolicy.Endpoint
    private let addresses: Set<IPAddress>

    /// - Parameter addresses: those of the endpoint that were found and judged.
    package init(_ egress: EgressPolicy, _ endpoint: EgressPolicy.Endpoint, addresses: [IPAddress]) {
        self.egress = egress
        self.endpoint = endpoint
        self.addresses = Set(addresses)
    }

    /// What speaks against a socket that is about to connect; nil: nothing.
    ///
    /// - Parameter address: nil where it is none of the internet, that of a socket file for example.
    package func refusal(ofSocketTo address: IPAddress?) -> EgressRefusal? {
        guard let address, addresses.contains(address) else { return .unchecked }
        return egress.refusal(of: address, for: endpoint)
    }

    /// What speaks against sending the request over a connection that was made just now, or was kept; nil: nothing. One
    /// that was kept may lead to an address that the name had before: the policy judges that one too.
    ///
    /// - Parameter address: as libcurl writes it; empty where it does not say.
    package func refusal(ofConnectionTo address: String) -> EgressRefusal? {
        guard let address = IPAddress(address) else { return egress == .any ? nil : .unchecked }
        return egress.refusal(of: address, for: endpoint)
    }
}
