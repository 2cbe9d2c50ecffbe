import Foundation

/// A bar on standard error for work that takes a while. Silent where nobody watches.
struct ProgressBar {
    private let isShown: Bool
    private var shownAt = ContinuousClock.now
    private var isDrawn = false

    private static let columns = 30
    /// Ten times a second is as often as anybody can read.
    private static let pause = Duration.milliseconds(100)

    init(isShown: Bool = Terminal.isError) { self.isShown = isShown }

    /// Draws how far the work is; `total` 0 means that nobody knows.
    mutating func show(_ what: String, _ done: Int64, of total: Int64) {
        guard isShown else { return }
        let now = ContinuousClock.now
        guard !isDrawn || now - shownAt >= Self.pause || done == total else { return }
        shownAt = now
        isDrawn = true
        let filled = total > 0 ? Int(min(done, total) * Int64(Self.columns) / total) : 0
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.columns - filled)
        let count = total > 0 ? "\(done) of \(total)" : "\(done)"
        put("\r\u{1B}[K\(what.padding(toLength: 12, withPad: " ", startingAt: 0)) \(bar) \(count)")
    }

    /// Takes the bar away.
    mutating func finish() {
        if isDrawn { put("\r\u{1B}[K") }
        isDrawn = false
    }

    private func put(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
