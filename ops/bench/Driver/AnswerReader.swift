import CEpoll
import Glibc

/// Reads one HTTP/1.1 answer after the other from a socket: the status, and as much of the body as there is.
///
/// Only answers with a `content-length` are understood; anything else counts as broken.
final class AnswerReader {
    enum Step {
        case more
        case broken
        /// The status, and how many members of a batch say 2xx.
        case answer(status: Int, settled: Int)
    }

    /// A batch of 1,000 answers is under 2 MiB; the buffer grows to it and stays.
    private static let byteCountMax = 16 << 20
    private static let memberSettled = Array("\"status\":2".utf8)
    private static let lengthName = Array("content-length:".utf8)
    private static let headEnd: [UInt8] = [13, 10, 13, 10]
    private static let lineEnd: [UInt8] = [13, 10]

    private var buffer: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var bodyStart = 0
    private var total = 0

    init() { buffer = .allocate(byteCount: 16 << 10, alignment: 16) }
    deinit { buffer.deallocate() }

    func reset() {
        filled = 0
        total = 0
        bodyStart = 0
    }

    /// The body of the answer that was read last.
    var body: [UInt8] { Array(buffer[min(bodyStart, filled)..<filled]) }

    /// The beginning of it, for a person.
    var bodyText: String { String(decoding: body.prefix(600), as: UTF8.self) }

    func read(_ socket: Int32) -> Step {
        while true {
            if filled == buffer.count, !grow() { return .broken }
            let count = recv(socket, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, 0)
            if count == 0 { return .broken }
            if count < 0 { return errno == EAGAIN ? .more : .broken }
            filled += count
            if total == 0, !readHead() {
                if filled > 64 << 10 { return .broken }
                continue
            }
            if total < 0 { return .broken }
            if filled >= total { return .answer(status: status, settled: settledMembers) }
        }
    }

    private func grow() -> Bool {
        guard buffer.count < Self.byteCountMax else { return false }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 4, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
        buffer.deallocate()
        buffer = larger
        return true
    }

    /// `HTTP/1.1 201 …`: three digits from the tenth byte on.
    private var status: Int {
        (9..<12).reduce(0) { $0 * 10 + Int(buffer[$1]) - 48 }
    }

    /// Looks for the end of the head; then sets where the body starts and ends. `total` is -1 where there is no length.
    private func readHead() -> Bool {
        guard filled > 16, let end = find(Self.headEnd, from: 0) else { return false }
        bodyStart = end + 4
        total = -1
        var line = 0
        while line < end {
            if let length = length(at: line) {
                total = bodyStart + length
                break
            }
            guard let newline = find(Self.lineEnd, from: line) else { break }
            line = newline + 2
        }
        return true
    }

    private func length(at line: Int) -> Int? {
        for (index, byte) in Self.lengthName.enumerated() where buffer[line + index] | 0x20 != byte | 0x20 {
            return nil
        }
        var value = 0
        for byte in buffer[(line + Self.lengthName.count)..<filled] {
            if byte == 13 { break }
            if byte >= 48, byte <= 57 { value = value * 10 + Int(byte) - 48 }
        }
        return value
    }

    private func find(_ pattern: [UInt8], from start: Int) -> Int? {
        guard let base = buffer.baseAddress else { return nil }
        guard let found = memmem(base + start, filled - start, pattern, pattern.count) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private var settledMembers: Int {
        // A single settlement's answer is small and has no numeric status; looking costs nothing there.
        var count = 0
        var start = bodyStart
        while let found = find(Self.memberSettled, from: start) {
            count += 1
            start = found + Self.memberSettled.count
        }
        return count
    }
}
