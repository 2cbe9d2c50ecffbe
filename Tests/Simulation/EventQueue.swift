/// What is to happen, by virtual time; what is due at the same time happens in the order in which it was planned.
struct EventQueue {
    private struct Event {
        let time: Int64
        let order: Int
        let body: () -> Void
    }

    private var heap: [Event] = []
    private var planned = 0
    /// Virtual milliseconds since the start.
    private(set) var now: Int64 = 0

    mutating func plan(after delay: Int64, _ body: @escaping () -> Void) {
        heap.append(Event(time: now + max(delay, 0), order: planned, body: body))
        planned += 1
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes what comes next and moves the time there; `nil` when nothing is planned up to `end`.
    mutating func next(until end: Int64) -> (() -> Void)? {
        guard let first = heap.first, first.time <= end else { return nil }
        now = first.time
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first.body }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
                least = child
            }
            guard least != parent else { return first.body }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].order) < (heap[right].time, heap[right].order)
    }
}
