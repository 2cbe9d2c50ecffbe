import Service

/// Whose allowance a write is taken from.
package enum ClientAddress {
    /// The address at the other end of the connection; when that is a trusted proxy, the last address of
    /// `X-Forwarded-For` that is none. A client can write whatever it likes before what the proxies add.
    static func of(_ call: Call, trusting proxies: Set<String>) -> String {
        of(socket: call.clientAddress ?? "", forwarded: call.header("x-forwarded-for"), trusting: proxies)
    }

    package static func of(socket: String, forwarded: String?, trusting proxies: Set<String>) -> String {
        guard proxies.contains(socket), let forwarded else { return socket }
        let hops = forwarded.utf8.split(separator: UInt8(ascii: ",")).suffix(16)
        for hop in hops.reversed() {
            let address = String(decoding: Array(hop.filter { $0 != 0x20 }), as: UTF8.self)
            if !proxies.contains(address) { return String(address.prefix(64)) }
        }
        return socket
    }
}
