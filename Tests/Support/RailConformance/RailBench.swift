public import Kernel
public import Settlement

/// A rail with the world on its other side, for one check: what a payer does, what the network loses, what moved.
///
/// Each check gets a bench of its own. Time stands still but for `pass`.
public protocol RailBench: Sendable {
    /// The rail.
    var rail: any Rail { get }
    /// The currency that the bench has money in.
    var currency: String { get }
    /// Somebody who can be paid.
    var destination: String { get }
    /// Somebody whom the rail does not know.
    var unknownDestination: String { get }

    /// The time, milliseconds since 1970.
    func nowMs() -> Int64
    /// Lets time go by.
    func pass(_ milliseconds: Int64) async throws
    /// The payer pays what was opened; the rail knows it by that name.
    func pay(reference: String) async throws
    /// The node has so much at the rail, available for payouts.
    func fund(_ amountMinor: Int64) async throws
    /// The next write is lost, or its answer is, for good: also where the adapter tries again by itself.
    func lose(_ loss: RailLoss) async
    /// Nothing is lost any more.
    func loseNothing() async
    /// How often the rail moved, or opened, something for our reference.
    func count(_ instruction: RailInstruction) async -> Int
}

/// What the network loses.
public enum RailLoss: Sendable, CaseIterable {
    /// Requests: the rail never hears of them.
    case requests
    /// Answers: the rail did what was asked.
    case answers
}
