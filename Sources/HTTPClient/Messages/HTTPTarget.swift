import CCurl

/// An absolute URL, read by libcurl's own reader: what is judged is what libcurl connects to.
package struct HTTPTarget: Sendable, Equatable {
    /// The URL as libcurl gets it.
    package let url: String
    /// `http` or `https`.
    package let scheme: String
    /// Host and port.
    package let endpoint: EgressPolicy.Endpoint
    /// The address where the host is one. IPv4 in decimal, octal, hex or with parts missing is read as by inet_aton(3).
    package let literal: IPAddress?

    /// Longer URLs are refused: servers take about that much.
    static let urlBytesMax = 8192

    /// Scheme, host and port: what may be logged of a URL.
    package var origin: String {
        "\(scheme)://\(literal?.bracketed ?? endpoint.host):\(endpoint.port)"
    }

    /// - Throws: `addressInvalid`; its message repeats nothing of the URL.
    package init(_ text: String) throws(HTTPError) {
        guard text.utf8.count <= Self.urlBytesMax else { throw Self.invalid("the URL is too long") }
        // Space, control characters and a backslash are read differently by different readers: refused.
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C }) else {
            throw Self.invalid("the URL holds a character that must be percent-encoded")
        }
        // libcurl would take the first part of the path for the host.
        guard !text.utf8.drop(while: { $0 != 0x3A }).starts(with: ":///".utf8) else {
            throw Self.invalid("the URL has no host")
        }
        guard let handle = curl_url() else {
            throw HTTPError(.clientFailed, .nothingSent, "libcurl has no memory for a URL")
        }
        defer { curl_url_cleanup(handle) }
        let flags = UInt32(CURLU_PATH_AS_IS | CURLU_DISALLOW_USER)
        guard curl_url_set(handle, CURLUPART_URL, text, flags) == CURLUE_OK else {
            throw Self.invalid("it is no absolute URL, or has a user name in it")
        }
        guard let scheme = Self.part(CURLUPART_SCHEME, of: handle), scheme == "http" || scheme == "https" else {
            throw Self.invalid("the URL is neither http nor https")
        }
        let written = Self.part(CURLUPART_HOST, of: handle) ?? ""
        guard let portText = Self.part(CURLUPART_PORT, of: handle, flags: UInt32(CURLU_DEFAULT_PORT)),
            let port = UInt16(portText), port != 0
        else { throw Self.invalid("the URL's port is none") }
        let endpoint = EgressPolicy.Endpoint(host: written, port: port)
        literal = IPAddress(endpoint.host)
        let isAddress = written.hasPrefix("[") ? literal != nil : Self.isName(endpoint.host)
        guard isAddress, Self.part(CURLUPART_ZONEID, of: handle) == nil else {
            throw Self.invalid("the URL's host is no name and no address")
        }
        if !written.hasPrefix("["), endpoint.host != written {
            guard curl_url_set(handle, CURLUPART_HOST, endpoint.host, 0) == CURLUE_OK else {
                throw Self.invalid("the URL's host is no name")
            }
        }
        curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0)
        guard let url = Self.part(CURLUPART_URL, of: handle) else { throw Self.invalid("it is no absolute URL") }
        self.scheme = scheme
        self.endpoint = endpoint
        self.url = url
    }

    /// Letters, digits, hyphens, underscores and dots (RFC 1123, section 2.1, and what is in use), 253 at most.
    private static func isName(_ host: String) -> Bool {
        let labels = host.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        return host.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.count)
                    && label.allSatisfy { byte in
                        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
                    }
            }
    }

    /// In small letters, without the final dot of a full name.
    static func normalized(host: String) -> String {
        let lowered = host.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        return String(decoding: lowered.last == 0x2E ? lowered.dropLast() : lowered[...], as: UTF8.self)
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer, flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    private static func invalid(_ message: String) -> HTTPError { HTTPError(.addressInvalid, .nothingSent, message) }
}
