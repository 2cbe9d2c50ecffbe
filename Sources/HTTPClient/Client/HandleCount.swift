import Synchronization

/// How many of libcurl's handles exist.
final class HandleCount: Sendable {
    private let value = Atomic(0)

    var count: Int { value.load(ordering: .relaxed) }

    func add(_ change: Int) { value.add(change, ordering: .relaxed) }
}
