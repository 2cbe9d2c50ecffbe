import Cryptography
import Foundation

/// An HTTP answer.
struct Answer: Sendable {
    let status: Int
    /// By lower-case name.
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: JSONValue? { (try? JSONDocument(parsing: body, limits: .batch))?.root }

    /// The problem's code.
    var code: String? { json?["code"]?.string }

    /// Status and code, for lists of expectations.
    var summary: String { "\(status) \(code ?? "-")" }

    var isReplayed: Bool { headers["idempotent-replayed"] == "true" }

    /// The first answer in the bytes and its length; nil when it is not complete.
    static func parse(_ bytes: [UInt8]) -> (Answer, Int)? {
        guard let head = end(of: bytes) else { return nil }
        let lines = String(decoding: bytes[..<(head - 4)], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= head + length else { return nil }
        return (Answer(status: status, headers: headers, body: Array(bytes[head..<(head + length)])), head + length)
    }

    private static func end(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 0...(bytes.count - 4)
        where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13 && bytes[index + 3] == 10 {
            return index + 4
        }
        return nil
    }
}
