import Glibc

/// Signals are for the program's own threads.
enum SignalMask {
    /// Keeps every signal from the calling thread. A SIGPIPE of a write to a closed connection, which is sent to the
    /// thread that wrote, then stays pending for ever: the write just fails.
    static func blockAll() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, nil)
    }
}
