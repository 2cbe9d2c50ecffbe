import Cryptography
public import Logging

import Glibc

/// Writes each log event as one line on a file descriptor: JSON for machines, text for a terminal.
///
/// A line is one `write` of at most `lineBytesMax` bytes, so that lines of several threads do not mix. A line that
/// cannot be written is lost: a log must not stop a settlement.
public struct JSONLogHandler: LogHandler {
    /// Bytes of one line; past it the line is cut, and says so.
    public static let lineBytesMax = 16 << 10

    /// How a line looks.
    public enum Format: Sendable {
        /// `{"time":…,"level":…,"label":…,"message":…, …metadata}`
        case json
        /// `12:00:00.000 info  label message key=value`
        case text
    }

    /// The least level that is written.
    public var logLevel: Logger.Level
    /// Metadata of every line.
    public var metadata: Logger.Metadata = [:]

    private let label: String
    private let format: Format
    private let clock: @Sendable () -> Int64
    private let write: @Sendable ([UInt8]) -> Void

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - clock: Unix milliseconds.
    ///   - write: takes one whole line; standard error by default.
    public init(
        label: String, level: Logger.Level, format: Format,
        clock: @escaping @Sendable () -> Int64 = SystemClock.milliseconds,
        write: @escaping @Sendable ([UInt8]) -> Void = JSONLogHandler.writeToStandardError
    ) {
        self.label = label
        self.logLevel = level
        self.format = format
        self.clock = clock
        self.write = write
    }

    /// A member of `metadata`.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one event.
    public func log(event: LogEvent) {
        var all = metadata
        if let more = event.metadata { all.merge(more) { $1 } }
        var line =
            switch format {
            case .json: jsonLine(event, all)
            case .text: textLine(event, all)
            }
        if line.count >= Self.lineBytesMax { line = cutLine(event) }
        line.append(0x0A)
        write(line)
    }

    private func jsonLine(_ event: LogEvent, _ metadata: Logger.Metadata) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        begin(event, &writer)
        writer.text("message", "\(event.message)")
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            writer.key(Self.reserved.contains(key) ? key + "_" : key)
            Self.write(value, to: &writer)
        }
        writer.endObject()
        return writer.bytes
    }

    private func begin(_ event: LogEvent, _ writer: inout JSONWriter) {
        writer.text("time", Timestamp.text(ofMilliseconds: clock()))
        writer.text("level", event.level.rawValue)
        writer.text("label", label)
    }

    private func cutLine(_ event: LogEvent) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        begin(event, &writer)
        writer.text("message", String("\(event.message)".prefix(1000)))
        writer.key("is_cut")
        writer.bool(true)
        writer.endObject()
        return writer.bytes
    }

    private func textLine(_ event: LogEvent, _ metadata: Logger.Metadata) -> [UInt8] {
        let time = Timestamp.text(ofMilliseconds: clock()).dropFirst(11).dropLast()
        let level = event.level.rawValue.padded(to: 8)
        var line = "\(time) \(level) \(label): \(event.message)"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
        // A control character from outside must not move the terminal's cursor or begin a line.
        return line.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
    }

    private static let reserved: Set<String> = ["time", "level", "label", "message"]

    private static func write(_ value: Logger.MetadataValue, to writer: inout JSONWriter) {
        switch value {
        case .string(let text): writer.string(text)
        case .stringConvertible(let value):
            if let number = value as? any BinaryInteger, let exact = Int64(exactly: number) {
                writer.int(exact)
            } else {
                writer.string(value.description)
            }
        case .array(let values): writer.list(values) { write($1, to: &$0) }
        case .dictionary(let members):
            writer.beginObject()
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                writer.key(key)
                write(value, to: &writer)
            }
            writer.endObject()
        @unknown default: writer.string("\(value)")
        }
    }

    /// Writes a line to standard error.
    public static let writeToStandardError: @Sendable ([UInt8]) -> Void = { line in
        _ = line.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - utf8.count))
    }
}
