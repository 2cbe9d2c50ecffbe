import CCurl
import Glibc

/// One exchange in libcurl's hands, and what libcurl's callbacks learn about it. For the client's thread alone.
final class Transfer {
    let exchange: Exchange
    let easy: EasyHandle
    private let connections: ConnectionGuard
    let addresses: [IPAddress]

    private(set) var collector: ResponseCollector
    /// Whether a byte of the request can have left: set before libcurl writes the first.
    private(set) var mayHaveSent = false
    /// The policy's word against a socket or connection.
    private(set) var refusal: EgressRefusal?
    /// Whether libcurl wanted to send again what must not be sent twice.
    private(set) var isSecondSendRefused = false
    /// What libcurl says about a failure to connect: names of hosts and certificates, never anything of a request.
    private let complaint = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// - Parameter addresses: those of the host, each of them judged; the only ones that it may connect to.
    /// - Throws: `clientFailed`.
    init(
        _ exchange: Exchange, addresses: [IPAddress], configuration: HTTPClientConfiguration, authorities: Authorities,
        connectWithin: Duration, handles: HandleCount
    ) throws(HTTPError) {
        self.exchange = exchange
        self.addresses = addresses
        connections = ConnectionGuard(
            configuration.egress, exchange.request.target.endpoint, addresses: addresses)
        collector = ResponseCollector(bodyBytesMax: exchange.request.responseBytesMax)
        complaint.initialize(repeating: 0)
        do throws(HTTPError) {
            easy = try EasyHandle(counted: handles)
        } catch {
            complaint.deallocate()
            throw error
        }
        try setConnection(configuration, authorities, connectWithin: connectWithin)
        try setRequest()
        try setCallbacks()
    }

    deinit {
        // libcurl must not write there any more; the handle itself goes after this.
        _ = mjn_curl_set_pointer(easy.pointer, CURLOPT_ERRORBUFFER, nil)
        complaint.deallocate()
    }

    /// Libcurl's words about a failure to connect; empty where it has none.
    var connectComplaint: String {
        String(decoding: complaint.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private func setCallbacks() throws(HTTPError) {
        // Unretained: the loop holds the transfer for as long as libcurl has its handle.
        let context = Unmanaged.passUnretained(self).toOpaque()
        let options = [
            CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA, CURLOPT_PREREQDATA,
        ]
        for option in options { try easy.check(mjn_curl_set_pointer(easy.pointer, option, context)) }
        try easy.check(mjn_curl_set_pointer(easy.pointer, CURLOPT_ERRORBUFFER, complaint.baseAddress))
        try easy.check(
            mjn_curl_set_receiver(easy.pointer, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return Transfer.of(context).collector.takeHeader(line) ? line.count : 0
            })
        try easy.check(
            mjn_curl_set_receiver(easy.pointer, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
                // Zero is what was taken, too, where the piece is empty.
                return Transfer.of(context).collector.takeBody(piece) ? piece.count : Int(CURL_WRITEFUNC_ERROR)
            })
        try easy.check(
            mjn_curl_set_open_socket(easy.pointer) { context, _, address in
                address.map { Transfer.of(context).openSocket($0) } ?? -1
            })
        try easy.check(
            mjn_curl_set_before_request(easy.pointer) { context, address, _, _, _ in
                Transfer.of(context).permitRequest(to: address.map { String(cString: $0) } ?? "")
            })
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer {
        // Set above on the same handle, so libcurl hands it back.
        guard let context else { preconditionFailure("libcurl lost the context of a callback") }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// Makes a socket where the policy lets the very address pass that it will connect to.
    private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        let wanted = address.pointee
        let found = withUnsafePointer(to: &address.pointee.addr) { IPAddress($0, length: Int(wanted.addrlen)) }
        refusal = connections.refusal(ofSocketTo: found)
        guard refusal == nil else { return -1 }
        return socket(wanted.family, wanted.socktype | Int32(SOCK_CLOEXEC.rawValue), wanted.protocol)
    }

    /// The last moment before the request is written, for each attempt, on a new or a kept connection: judges the
    /// connection's address, and lets nothing go out twice that must not. libcurl by itself sends any request again,
    /// POST included, when a kept connection breaks before a byte of the response.
    private func permitRequest(to address: String) -> Int32 {
        let request = exchange.request
        refusal = connections.refusal(ofConnectionTo: address)
        if refusal != nil { return CURL_PREREQFUNC_ABORT }
        if mayHaveSent, !request.method.isIdempotent {
            isSecondSendRefused = true
            return CURL_PREREQFUNC_ABORT
        }
        mayHaveSent = true
        return CURL_PREREQFUNC_OK
    }
}
