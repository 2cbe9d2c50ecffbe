/// Remembers how far lists of rails were read. What was read again changes nothing, so a lost position costs time only.
public protocol RailPositionStore: Sendable {
    /// Where a list was read to; `nil`: never read.
    /// - Parameter list: its name, one for each list, such as `solana`.
    func position(of list: String) async throws(LedgerFailure) -> RailPosition?

    /// Remembers it.
    func setPosition(_ position: RailPosition, of list: String) async throws(LedgerFailure)
}
