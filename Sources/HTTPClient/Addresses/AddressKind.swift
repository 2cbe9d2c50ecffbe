/// What an address is for that is none of the public internet.
public enum AddressKind: String, Sendable, Equatable, CaseIterable {
    /// No address at all, or this machine.
    case unspecified
    /// This machine.
    case loopback
    /// A private network.
    case privateUse = "private"
    /// Between a carrier and its customers.
    case carrierShared = "carrier_shared"
    /// This link only; the metadata services of clouds.
    case linkLocal = "link_local"
    /// Taken by a protocol.
    case protocolAssignment = "protocol_assignment"
    /// For examples.
    case documentation
    /// For measuring networks.
    case benchmarking
    /// A group.
    case multicast
    /// Everybody on the link.
    case broadcast
    /// Kept back.
    case reserved
    /// Goes nowhere.
    case discardOnly = "discard_only"
    /// An IPv4 address in the clothes of IPv6.
    case embeddedIPv4 = "embedded_ipv4"
    /// Leads to an IPv4 address by way of a translator or tunnel.
    case translated
    /// Outside of what was ever given to anybody.
    case unassigned
}
