import CCurl

extension Transfer {
    /// Where to and how to connect.
    func setConnection(
        _ configuration: HTTPClientConfiguration, _ authorities: Authorities, connectWithin: Duration
    ) throws(HTTPError) {
        let target = exchange.request.target
        try easy.set(CURLOPT_URL, target.url)
        try easy.set(CURLOPT_PATH_AS_IS, isOn: true)
        try easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try easy.set(CURLOPT_DISALLOW_USERNAME_IN_URL, isOn: true)
        try easy.set(CURLOPT_FOLLOWLOCATION, isOn: false)
        // An empty name is no proxy, whatever the environment says.
        try easy.set(CURLOPT_PROXY, "")
        // No alarm(2) and no handlers: signals are the program's.
        try easy.set(CURLOPT_NOSIGNAL, isOn: true)
        try pinAddresses()
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, connectWithin.timeoutMilliseconds)
        try easy.set(CURLOPT_TIMEOUT_MS, ContinuousClock.now.duration(to: exchange.deadline).timeoutMilliseconds)
        try easy.set(CURLOPT_MAXAGE_CONN, configuration.idleSecondsMax)
        try easy.set(CURLOPT_TCP_KEEPALIVE, isOn: true)
        try easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        try easy.set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        try easy.set(CURLOPT_SSL_VERIFYPEER, isOn: true)
        try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        if let file = authorities.file { try easy.set(CURLOPT_CAINFO, file) }
        if let folder = authorities.folder { try easy.set(CURLOPT_CAPATH, folder) }
    }

    func setRequest() throws(HTTPError) {
        let request = exchange.request
        try easy.set(CURLOPT_HTTPHEADER, request.headerLines)
        if request.method == .head {
            try easy.set(CURLOPT_NOBODY, isOn: true)
        } else if !request.body.isEmpty || request.method.expectsBody {
            try easy.set(CURLOPT_POST, isOn: true)
            try easy.setBody(request.body)
        } else {
            try easy.set(CURLOPT_HTTPGET, isOn: true)
        }
        if request.method != .head { try easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    }

    /// Tells libcurl the addresses that were judged, so that it asks nobody else. The `+` lets the entry expire like
    /// an answer of its own: without it each host ever called would stay in memory.
    private func pinAddresses() throws(HTTPError) {
        let target = exchange.request.target
        guard target.literal == nil else { return }
        let list = addresses.prefix(Self.pinnedMax).map(\.bracketed).joined(separator: ",")
        try easy.set(CURLOPT_RESOLVE, ["+\(target.endpoint.host):\(target.endpoint.port):\(list)"])
    }

    /// Addresses that are tried, of one name: more would not fit into a connect timeout.
    private static let pinnedMax = 16
}
