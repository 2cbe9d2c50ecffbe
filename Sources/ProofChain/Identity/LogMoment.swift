/// When something happened in the log of identities, as this node saw it.
public struct LogMoment: Hashable, Sendable {
    /// The entry's number, counted by this node from 1 as it reads; a later entry has a greater one.
    public let position: Int64
    /// Milliseconds since 1970.
    public let atMs: Int64

    /// A moment.
    public init(position: Int64, atMs: Int64) {
        self.position = position
        self.atMs = atMs
    }
}
