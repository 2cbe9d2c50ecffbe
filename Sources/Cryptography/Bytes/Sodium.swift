import CSodium

/// libsodium's own start-up, run once before its first use.
enum Sodium {
    /// Whether the library started. A static constant is initialised once, whatever the number of threads.
    private static let started: Bool = sodium_init() >= 0

    /// Starts the library when it has not started yet.
    ///
    /// It can fail only where the system has no source of entropy; no key work is possible there, so the process stops.
    @inline(__always)
    static func prepare() {
        precondition(started, "libsodium could not be initialised")
    }
}
