public import Settlement

/// What the poster tells whoever measures it.
public struct PosterObserver: Sendable {
    /// A batch was committed, in so many microseconds.
    public let committed: @Sendable (PosterCommit, Int64) -> Void

    /// An observer.
    public init(committed: @escaping @Sendable (PosterCommit, Int64) -> Void = { _, _ in }) {
        self.committed = committed
    }
}
