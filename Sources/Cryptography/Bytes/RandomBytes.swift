import CSodium

/// Unpredictable bytes from the operating system, through libsodium.
///
/// This is the module's only source of randomness, for making keys, nonces and identifiers at the edge.
/// Everything else here is a function of its arguments.
public enum RandomBytes {
    /// Returns `count` unpredictable bytes. `count` must not be negative. Safe from any thread.
    public static func generate(_ count: Int) -> [UInt8] {
        precondition(count >= 0, "a count of random bytes is never negative")
        Sodium.prepare()
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            if let base = buffer.baseAddress { randombytes_buf(base, count) }
            initializedCount = count
        }
    }
}
