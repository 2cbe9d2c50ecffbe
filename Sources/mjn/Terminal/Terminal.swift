import Foundation

/// What is known about the screen, if there is one.
enum Terminal {
    /// Whether data goes to a person.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }
    /// Whether messages go to a person.
    static var isError: Bool { isatty(STDERR_FILENO) == 1 }

    /// Columns where the screen does not say: those of a wide classic one.
    private static let columnsDefault = 100
    /// Narrower than this, nothing of ours can be laid out.
    private static let columnsMin = 40

    /// Columns of the screen that data goes to.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return columnsDefault }
        return max(columnsMin, Int(size.ws_col))
    }

    /// A sentence in lines that the screen holds, each after the first indented; whole on anything but a screen.
    static func wrapped(_ text: String, indent: Int) -> [String] {
        guard isOutput else { return [text] }
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = String(text.prefix(indent))
        for word in text.dropFirst(indent).split(separator: " ") {
            if line.count > indent, line.count + 1 + word.count > columns {
                lines.append(line)
                line = margin
            }
            line += (line.count > indent ? " " : "") + word
        }
        return lines + [line]
    }

    /// Text of strangers without control characters: it cannot move the cursor, change colours or hide lines.
    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isPlain($0) ? $0 : "\u{FFFD}" }))
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Format characters can turn the direction of what follows.
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        default: true
        }
    }
}

/// Colours, where they are wanted: on a terminal that takes them, unless `NO_COLOR` is set.
struct Style: Sendable {
    let isOn: Bool

    /// The style of standard output.
    static var output: Style { Style(isOn: Terminal.isOutput && allowsColour) }
    /// The style of standard error.
    static var error: Style { Style(isOn: Terminal.isError && allowsColour) }
    static let plain = Style(isOn: false)

    private static var allowsColour: Bool {
        let environment = ProcessInfo.processInfo.environment
        return (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }
    func cyan(_ text: String) -> String { wrap(text, "36") }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
