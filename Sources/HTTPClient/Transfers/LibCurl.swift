import CCurl

/// libcurl as a whole.
enum LibCurl {
    /// Whether it is set up for this process; done once, however many clients there are.
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// What a code means, in words of libcurl's own that hold nothing of the request.
    static func text(_ code: CURLcode) -> String { curl_easy_strerror(code).map { String(cString: $0) } ?? "" }
}
