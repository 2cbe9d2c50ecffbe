import Solana
import SolanaChain
import Synchronization

/// Time that passes only by waiting: slots of the chain go by meanwhile, 400 ms each.
final class ChainTime: Sendable {
    private let chain: SolanaChain
    private let waitedMs = Mutex<Int64>(0)

    init(_ chain: SolanaChain) { self.chain = chain }

    /// How long was waited so far.
    var elapsedMs: Int64 { waitedMs.withLock { $0 } }

    var timing: SolanaTiming {
        SolanaTiming(
            nowMs: { [self] in 1_700_000_000_000 + elapsedMs },
            sleep: { [self] (milliseconds: Int64) async throws(CancellationError) in
                let slots = waitedMs.withLock { waited in
                    defer { waited += milliseconds }
                    return (waited + milliseconds) / 400 - waited / 400
                }
                try? await chain.tick(Int(slots))
            }, jitter: { 0 })
    }
}
