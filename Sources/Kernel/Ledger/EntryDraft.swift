/// Collects what an entry moves, merged per account, before it is known whether the book allows it.
struct EntryDraft {
    /// One account's net movement.
    struct Line {
        let index: Int
        /// Debits less credits of the posted layer.
        var postedMinor: Int64 = 0
        var pendingDebitMinor: Int64 = 0
        var pendingCreditMinor: Int64 = 0
    }

    var lines: [Line] = []
    /// Position in `lines` by account index; used once there are more lines than a linear search is good for.
    private var positions: [Int: Int] = [:]
    private(set) var didOverflow = false
    /// Accounts that this entry opens; they stand at the end of the state's accounts until the entry is refused.
    var opens: [AccountOpening] = []

    /// Lines up to which a linear search beats a dictionary.
    private static let linearMax = 16

    init() { lines.reserveCapacity(8) }

    mutating func debit(_ index: Int, _ amountMinor: Int64) { add(index, \.postedMinor, amountMinor) }

    mutating func credit(_ index: Int, _ amountMinor: Int64) { add(index, \.postedMinor, -amountMinor) }

    mutating func pendingDebit(_ index: Int, _ amountMinor: Int64) { add(index, \.pendingDebitMinor, amountMinor) }

    mutating func pendingCredit(_ index: Int, _ amountMinor: Int64) { add(index, \.pendingCreditMinor, amountMinor) }

    /// Net posted movement of an account so far: debits less credits.
    func postedMinor(_ index: Int) -> Int64 {
        position(of: index).map { lines[$0].postedMinor } ?? 0
    }

    private func position(of index: Int) -> Int? {
        lines.count > Self.linearMax ? positions[index] : lines.firstIndex { $0.index == index }
    }

    private mutating func add(_ index: Int, _ path: WritableKeyPath<Line, Int64>, _ amountMinor: Int64) {
        let at: Int
        if let found = position(of: index) {
            at = found
        } else {
            at = lines.count
            lines.append(Line(index: index))
            if lines.count == Self.linearMax + 1 {
                for (position, line) in lines.enumerated() { positions[line.index] = position }
            } else if lines.count > Self.linearMax {
                positions[index] = at
            }
        }
        let (sum, overflow) = lines[at][keyPath: path].addingReportingOverflow(amountMinor)
        if overflow { didOverflow = true } else { lines[at][keyPath: path] = sum }
    }
}
