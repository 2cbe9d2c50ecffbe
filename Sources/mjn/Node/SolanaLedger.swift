import Kernel
import LedgerStore
import Settlement
import Solana

/// What the Solana rail asks of the node's book.
struct SolanaLedger: SolanaOpeningStore {
    let store: PostgresLedgerStore

    /// What payouts of a currency that were sent since a time come to.
    func paidOut(_ currency: String, sinceMs: Int64) async throws(RailListFailure) -> Int64 {
        do throws(LedgerFailure) {
            return try await store.paidOut(by: .solana, currency: currency, sinceMs: sinceMs)
        } catch {
            throw Self.silent(error)
        }
    }

    func claim(
        wallet: String, mint: String, lamports: Int64, budgetLamports: Int64, sinceMs: Int64, nowMs: Int64
    ) async throws(RailListFailure) -> SolanaOpeningClaim {
        do throws(LedgerFailure) {
            let claim = try await store.claimOpening(
                at: .solana, owner: wallet, token: mint, cost: lamports, budget: budgetLamports, sinceMs: sinceMs,
                nowMs: nowMs)
            switch claim {
            case .granted: return .granted
            case .madeBefore: return .madeBefore
            case .overBudget: return .overBudget
            }
        } catch {
            throw Self.silent(error)
        }
    }

    func take(wallet: String, mint: String, payout: String) async throws(RailListFailure) -> Int64 {
        do throws(LedgerFailure) {
            return try await store.takeOpening(at: .solana, owner: wallet, token: mint, payout: payout)
        } catch {
            throw Self.silent(error)
        }
    }

    private static func silent(_ failure: LedgerFailure) -> RailListFailure {
        RailListFailure(reason: "the ledger does not answer: \(failure)")
    }
}
