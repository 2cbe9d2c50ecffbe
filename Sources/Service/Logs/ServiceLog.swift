public import Logging

import Glibc

/// The logs of a process: JSON lines on standard error, text when that is a terminal.
public enum ServiceLog {
    /// A logger as `MJN_LOG_LEVEL` (`trace` … `critical`, default `info`) and `MJN_LOG_FORMAT` (`json`, `text`) say.
    ///
    /// - Parameter environment: the process's environment.
    public static func logger(label: String, environment: [String: String]) -> Logger {
        let level = environment["MJN_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0.lowercased()) } ?? .info
        let format: JSONLogHandler.Format =
            switch environment["MJN_LOG_FORMAT"] {
            case "json": .json
            case "text": .text
            default: isatty(2) == 1 ? .text : .json
            }
        return Logger(label: label, factory: { JSONLogHandler(label: $0, level: level, format: format) })
    }
}

/// The system's clock.
public enum SystemClock {
    /// Unix milliseconds.
    public static let milliseconds: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
