/// Why a policy forbids a connection.
public enum EgressRefusal: Error, Sendable, Hashable {
    /// The port is none of those that the policy allows.
    case port(UInt16)
    /// The name means this machine (RFC 6761, section 6.3).
    case localName
    /// The host and port are not on the list.
    case unlisted
    /// The name leads, or leads among others, to an address that is none of the public internet.
    case address(IPAddress, AddressKind)
    /// The connection went to an address that was not among those that had been checked.
    case unchecked

    /// Stable, for logs and stored outcomes.
    public var code: String {
        switch self {
        case .port: "egress_port"
        case .localName: "egress_local_name"
        case .unlisted: "egress_unlisted"
        case .address: "egress_address"
        case .unchecked: "egress_unchecked"
        }
    }

    /// The reason, for a person.
    public var reason: String {
        switch self {
        case .port(let port): "port \(port) is not allowed"
        case .localName: "the name means this machine"
        case .unlisted: "it is not on the list of what may be called"
        case .address(let address, let kind): "\(address) is no public address (\(kind.rawValue))"
        case .unchecked: "the connection led to an address that was not checked"
        }
    }
}
