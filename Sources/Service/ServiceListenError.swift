#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Why a service cannot listen on its address.
public struct ServiceListenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The address.
    public let host: String
    /// The port.
    public let port: Int
    /// The system's error number.
    public let errnoCode: Int32

    /// Whether another program listens there.
    public var isTaken: Bool { errnoCode == EADDRINUSE }

    /// The address and the system's reason.
    public var description: String { "cannot listen on \(host):\(port): \(String(cString: strerror(errnoCode)))" }
}
