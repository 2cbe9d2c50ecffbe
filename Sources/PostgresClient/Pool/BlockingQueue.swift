import Glibc

/// A bounded queue between producers that never wait and consumers that do.
///
/// Made for a thread that takes whatever has gathered while it was busy.
///
/// `@unchecked Sendable`: every access to the mutable state happens while `mutex` is held.
public final class BlockingQueue<Element: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let capacity: Int
    private var elements: [Element] = []
    private var closed = false
    private var woken = false

    /// Makes a queue that holds at most `capacity` elements.
    public init(capacity: Int) {
        precondition(capacity > 0, "a queue holds at least one element")
        self.capacity = capacity
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(filled, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(filled)
        pthread_mutex_destroy(mutex)
        filled.deallocate()
        mutex.deallocate()
    }

    /// The number of elements that wait.
    public var count: Int { locked { elements.count } }

    /// Whether `close()` was called.
    public var isClosed: Bool { locked { closed } }

    /// Appends an element; false when the queue is full or closed. Never waits.
    public func offer(_ element: Element) -> Bool {
        locked {
            guard !closed, elements.count < capacity else { return false }
            elements.append(element)
            pthread_cond_signal(filled)
            return true
        }
    }

    /// Lets the consumer that waits, or the next one that would, return without an element: something else happened
    /// that it has to look at.
    public func wake() {
        locked {
            woken = true
            pthread_cond_signal(filled)
        }
    }

    /// Takes up to `most` of the oldest elements, waiting until there is at least one, or until `wake()`. With a `most`
    /// of 0 only `wake()`, the time or the end are waited for.
    ///
    /// - Returns: the elements; none when the time passed first, or `wake()` came; nil once the queue is closed and
    ///   empty.
    public func take(upTo most: Int, timeoutSeconds: Double? = nil) -> [Element]? {
        precondition(most >= 0, "a number of elements")
        let deadline = timeoutSeconds.map { Deadline.after(seconds: $0) } ?? .distant
        return locked {
            defer { woken = false }
            while elements.isEmpty || most == 0 {
                if closed, elements.isEmpty { return nil }
                if woken { return [] }
                if deadline == .distant {
                    pthread_cond_wait(filled, mutex)
                } else if deadline.hasPassed {
                    return []
                } else {
                    var time = timespec(
                        tv_sec: Int(deadline.nanoseconds / 1_000_000_000),
                        tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
                    pthread_cond_timedwait(filled, mutex, &time)
                }
            }
            return takeFirst(most)
        }
    }

    /// Takes what matches out of the queue, wherever it stands.
    package func remove(where matches: (Element) -> Bool) -> [Element] {
        locked {
            let removed = elements.filter(matches)
            if !removed.isEmpty { elements.removeAll(where: matches) }
            return removed
        }
    }

    /// Refuses further elements; consumers still get what waits, then nil. Further calls change nothing.
    public func close() {
        locked {
            closed = true
            pthread_cond_broadcast(filled)
        }
    }

    private func takeFirst(_ most: Int) -> [Element] {
        guard elements.count > most else {
            let all = elements
            elements = []
            elements.reserveCapacity(all.count)
            return all
        }
        let first = Array(elements.prefix(most))
        elements.removeFirst(most)
        pthread_cond_signal(filled)  // What is left is for another consumer, if one waits.
        return first
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
