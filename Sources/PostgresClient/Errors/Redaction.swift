/// Removes from a text of the server or of libpq what must not reach a log.
enum Redaction {
    /// Returns the message on one line, with every occurrence of a secret replaced.
    static func line(_ text: String, secrets: [String] = []) -> String {
        var result = text
        for secret in secrets where !secret.isEmpty { result = replacing(secret, in: result) }
        return result.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }

    /// Returns a server's primary message without the values that it may quote.
    ///
    /// Messages of class 22 (data exception) quote the offending value; those of other classes quote identifiers.
    static func primaryMessage(_ text: String, sqlState: String?) -> String {
        guard let sqlState, sqlState.hasPrefix("22") else { return line(text) }
        var masked = ""
        var quoted = false
        for character in text {
            if character == "\"" {
                masked += quoted ? "…\"" : "\""
                quoted.toggle()
            } else if !quoted {
                masked.append(character)
            }
        }
        return line(masked)
    }

    private static func replacing(_ secret: String, in text: String) -> String {
        let needle = Array(secret.utf8)
        let hay = Array(text.utf8)
        var output: [UInt8] = []
        var index = 0
        while index < hay.count {
            if index + needle.count <= hay.count, hay[index..<index + needle.count].elementsEqual(needle) {
                output += Array("***".utf8)
                index += needle.count
            } else {
                output.append(hay[index])
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
