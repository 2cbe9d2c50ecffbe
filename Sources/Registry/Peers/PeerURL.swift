/// Addresses at a peer. The base path is kept: a relay may be mounted below one.
enum PeerURL {
    static func log(_ endpoint: String, after: String?) -> String { page(endpoint + "/proof/v1/log", after) }

    static func identityLog(_ endpoint: String, _ did: String, after: String?) -> String {
        page(endpoint + "/proof/v1/identities/" + escape(did) + "/log", after)
    }

    static func contentLog(_ endpoint: String, _ contentID: String, after: String?) -> String {
        page(endpoint + "/proof/v1/content/" + escape(contentID) + "/log", after)
    }

    static func operations(_ endpoint: String) -> String { endpoint + "/proof/v1/operations" }

    private static func page(_ url: String, _ after: String?) -> String {
        let url = url + "?limit=\(RelayLimits.peerPage)"
        return after.map { url + "&after=" + escape($0) } ?? url
    }

    /// Percent-encoding of everything but unreserved characters (RFC 3986, section 2.3) and the colon of DIDs.
    private static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E, 0x3A: bytes.append(byte)
            default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
