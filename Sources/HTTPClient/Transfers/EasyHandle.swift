import CCurl

/// One of libcurl's easy handles, freed with this object. For the client's thread alone.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private let count: HandleCount

    /// - Throws: `clientFailed` for want of memory.
    init(counted count: HandleCount) throws(HTTPError) {
        guard let pointer = curl_easy_init() else { throw Self.failed }
        self.pointer = pointer
        self.count = count
        count.add(1)
    }

    deinit {
        curl_easy_cleanup(pointer)
        for list in lists { curl_slist_free_all(list) }
        count.add(-1)
    }

    func set(_ option: CURLoption, _ value: Int) throws(HTTPError) {
        try check(mjn_curl_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, isOn: Bool) throws(HTTPError) { try set(option, isOn ? 1 : 0) }

    /// libcurl copies the text.
    func set(_ option: CURLoption, _ text: String) throws(HTTPError) {
        try check(mjn_curl_set_string(pointer, option, text))
    }

    /// A list that lives as long as the handle.
    func set(_ option: CURLoption, _ lines: [String]) throws(HTTPError) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                throw Self.failed
            }
            list = longer
        }
        guard let list else { return }
        lists.append(list)
        try check(mjn_curl_set_list(pointer, option, list))
    }

    /// The body of the request; libcurl copies it.
    func setBody(_ bytes: [UInt8]) throws(HTTPError) {
        try check(mjn_curl_set_offset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count)))
        let code = bytes.withUnsafeBytes { buffer in
            // An empty array has no address, and none would mean that the body is read by a callback.
            buffer.baseAddress.map { mjn_curl_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, $0) }
                ?? mjn_curl_set_string(pointer, CURLOPT_COPYPOSTFIELDS, "")
        }
        try check(code)
    }

    /// An option that was not taken would leave a rule of ours without effect, so the exchange does not begin.
    func check(_ code: CURLcode) throws(HTTPError) {
        guard code == CURLE_OK else {
            throw HTTPError(.clientFailed, .nothingSent, "libcurl refused an option: \(LibCurl.text(code))")
        }
    }

    private static var failed: HTTPError { HTTPError(.clientFailed, .nothingSent, "libcurl has no memory") }
}
