/// The blocks of addresses that no public server has, from the two special-purpose registries of RFC 6890 (as IANA
/// keeps them) and the registries of multicast (RFC 5771, RFC 4291).
///
/// Blocks of the registries that are globally reachable services stay out (AS112, AMT); blocks around addresses of a
/// protocol's own (192.0.0.0/24, 2001::/23) are in as a whole, their few reachable anycast addresses included.
package enum SpecialPurpose {
    /// What an address is; nil for one of the public internet.
    package static func kind(of address: IPAddress) -> AddressKind? {
        if let named = blocks.first(where: { $0.range.contains(address) }) { return named.kind }
        // Only 2000::/3 was ever given to anybody (RFC 4291, section 2.4; RFC 3587).
        if case .v6(let bits) = address, bits >> 125 != 0b001 { return .unassigned }
        return nil
    }

    package struct Block {
        package let range: AddressRange
        package let kind: AddressKind
    }

    /// The more particular block stands before the wider one.
    package static let blocks: [Block] =
        make([
            ("0.0.0.0/8", .unspecified),  // RFC 791, section 3.2; RFC 1122, section 3.2.1.3
            ("10.0.0.0/8", .privateUse),  // RFC 1918
            ("100.64.0.0/10", .carrierShared),  // RFC 6598
            ("127.0.0.0/8", .loopback),  // RFC 1122, section 3.2.1.3
            ("169.254.0.0/16", .linkLocal),  // RFC 3927; clouds answer for the machine's secrets here
            ("172.16.0.0/12", .privateUse),  // RFC 1918
            ("192.0.0.0/24", .protocolAssignment),  // RFC 6890, section 2.1; RFC 7335
            ("192.0.2.0/24", .documentation),  // RFC 5737
            ("192.88.99.0/24", .translated),  // RFC 7526: relays of 6to4, given up
            ("192.168.0.0/16", .privateUse),  // RFC 1918
            ("198.18.0.0/15", .benchmarking),  // RFC 2544
            ("198.51.100.0/24", .documentation),  // RFC 5737
            ("203.0.113.0/24", .documentation),  // RFC 5737
            ("224.0.0.0/4", .multicast),  // RFC 5771
            ("255.255.255.255/32", .broadcast),  // RFC 919, section 7
            ("240.0.0.0/4", .reserved),  // RFC 1112, section 4
        ])
        + make([
            ("::/128", .unspecified),  // RFC 4291, section 2.5.2
            ("::1/128", .loopback),  // RFC 4291, section 2.5.3
            ("::ffff:0:0/96", .embeddedIPv4),  // RFC 4291, section 2.5.5.2: mapped
            ("::ffff:0:0:0/96", .embeddedIPv4),  // RFC 2765, section 2.1: translated (SIIT)
            ("::/96", .embeddedIPv4),  // RFC 4291, section 2.5.5.1: compatible, given up
            ("64:ff9b::/96", .translated),  // RFC 6052: NAT64
            ("64:ff9b:1::/48", .translated),  // RFC 8215: NAT64 of a network's own
            ("100::/64", .discardOnly),  // RFC 6666
            ("100:0:0:1::/64", .reserved),  // RFC 9780: dummy prefix
            ("2001::/32", .translated),  // RFC 4380: Teredo
            ("2001:2::/48", .benchmarking),  // RFC 5180
            ("2001:db8::/32", .documentation),  // RFC 3849
            ("2001::/23", .protocolAssignment),  // RFC 2928: ORCHIDs (RFC 4843, RFC 7343) among them
            ("2002::/16", .translated),  // RFC 3056: 6to4
            ("3fff::/20", .documentation),  // RFC 9637
            ("5f00::/16", .reserved),  // RFC 9602: segment routing
            ("fc00::/7", .privateUse),  // RFC 4193
            ("fe80::/10", .linkLocal),  // RFC 4291, section 2.5.6
            ("fec0::/10", .privateUse),  // RFC 3879: site-local, given up
            ("ff00::/8", .multicast),  // RFC 4291, section 2.7
        ])

    private static func make(_ rows: [(String, AddressKind)]) -> [Block] {
        rows.map { text, kind in
            // Literals of this file: a row that is no block would leave a hole, so it stops the program at once.
            guard let range = AddressRange(text) else { preconditionFailure("\(text) is no block of addresses") }
            return Block(range: range, kind: kind)
        }
    }
}
