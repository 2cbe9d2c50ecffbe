import Synchronization

/// Does what ``SolanaSending`` says. Who asks for the same while it goes on, such as for the payees of one transaction,
/// gets the same verdict.
public final class SolanaSender: Sendable {
    private let client: SolanaClient
    private let timing: SolanaTiming
    private let runs = Mutex<[Run: Task<SolanaSending.Verdict, Never>]>([:])

    private struct Run: Hashable {
        let signature: SolanaSignature
        let sending: SolanaSending
    }

    /// The pause between two rounds; a transaction lands within a few slots of 400 ms or not by itself.
    static let pauseMs: Int64 = 2_000
    /// No step begins later than this. The longest step is a search at two nodes that do not answer, some 80 s, so that
    /// all of it takes about the three minutes after which another process may ask.
    static let runMsMax: Int64 = 100_000

    /// A sender.
    public init(client: SolanaClient, timing: SolanaTiming) {
        self.client = client
        self.timing = timing
    }

    /// Sends and watches a transaction, until there is a verdict or its rounds are over.
    ///
    /// - Parameter transaction: stored, with its last valid height, before this is called.
    public func run(_ transaction: SolanaTransaction, _ sending: SolanaSending) async -> SolanaSending.Verdict {
        let run = Run(signature: transaction.id, sending: sending)
        let task = runs.withLock { runs in
            if let task = runs[run] { return task }
            let task = Task {
                defer { self.runs.withLock { $0[run] = nil } }
                return await self.verdict(transaction, sending)
            }
            runs[run] = task
            return task
        }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func verdict(
        _ transaction: SolanaTransaction, _ sending: SolanaSending
    ) async -> SolanaSending.Verdict {
        var sending = sending
        let bytes = transaction.bytes
        let endsAtMs = timing.nowMs() + Self.runMsMax
        // At most seven steps a round, and rounds are counted.
        while true {
            sending.apply(await event(sending.next, transaction, bytes, signedAtSlot: sending.signedAtSlot))
            if case .end(let verdict) = sending.next { return verdict }
            if Task.isCancelled || timing.nowMs() > endsAtMs { return .open }
        }
    }

    private func event(
        _ step: SolanaSending.Step, _ transaction: SolanaTransaction, _ bytes: [UInt8], signedAtSlot: Int64
    ) async -> SolanaSending.Event {
        let signature = transaction.id
        do throws(SolanaRPCError) {
            switch step {
            case .look:
                let answer = try await client.status(signature, searchesHistory: true)
                return .status(answer.status, slot: answer.slot)
            case .measure:
                if let nonce = transaction.nonce {
                    // A node that has not come as far as where it was read may know an older value.
                    let (found, slot) = try await client.accountsAtSlot(
                        [nonce.account], .finalized, leastSlot: signedAtSlot)
                    // That a node has no such account is no proof: what was signed might still land.
                    guard let now = SolanaNonce(nonce.account, found[0], authority: transaction.message.feePayer)
                    else { return .unanswered }
                    return .nonce(isSpent: now.value != nonce.value, slot: slot)
                }
                let point = try await client.point(.finalized)
                return .finalized(slot: point.slot, blockHeight: point.blockHeight)
            case .search:
                let answer = try await client.statusEverywhere(signature, signedAtSlot: signedAtSlot)
                return .status(answer.status, slot: answer.slot)
            case .send(let skipsPreflight):
                return .sent(await client.send(bytes, skipsPreflight: skipsPreflight))
            case .rest:
                // Spread over a quarter, so that many do not ask at once.
                let pause = Self.pauseMs - Self.pauseMs / 4 * min(max(timing.jitter(), 0), 1000) / 1000
                try? await timing.sleep(pause)
                return .rested
            case .end: return .unanswered
            }
        } catch {
            return error.code == .historyMissing ? .forgotten : .unanswered
        }
    }
}
