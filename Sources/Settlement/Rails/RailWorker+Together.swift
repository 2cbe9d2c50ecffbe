import Kernel

/// Payouts that go in one call of a rail, such as one transaction of a chain.
extension RailWorker {
    /// Rows by the calls that they make: payouts that begin, of one rail and currency, as many as the rail takes, and
    /// everything else alone. A payout that failed before does not draw others in with it.
    func calls(_ rows: [LifecycleRow]) -> [[LifecycleRow]] {
        struct Kind: Hashable {
            let rail: RailName
            let currency: String
        }
        var calls: [[LifecycleRow]] = []
        var open: [Kind: Int] = [:]
        for row in rows {
            guard case .payout(let payout) = row.lifecycle, payout.failures == 0,
                case .begin(.payOut(let instruction)) = RailTask.next(for: row, nowMs: clock()),
                instruction.drawnOn == nil, let most = rail(payout.rail)?.payOutsPerCall, most > 1
            else {
                calls.append([row])
                continue
            }
            let kind = Kind(rail: payout.rail, currency: payout.currency)
            if let index = open[kind], calls[index].count < most {
                calls[index].append(row)
            } else {
                open[kind] = calls.count
                calls.append([row])
            }
        }
        return calls
    }

    /// Prepares, stores and carries out payouts in one call. That it begins is stored for all of them in one step, or
    /// for none.
    /// - Returns: how they stand then. Where the ledger does not take the step, each goes on alone.
    func begin(_ rows: [LifecycleRow]) async -> [LifecycleRow] {
        do throws(LedgerFailure) {
            try await beginTogether(rows)
            var now: [LifecycleRow] = []
            for row in rows {
                if let (row, _) = try await ledger.lifecycle(row.id) { now.append(row) }
            }
            return now
        } catch {
            for row in rows { report(RailReport(.stalled, row, "the ledger did not answer: \(error)")) }
            return []
        }
    }

    /// - Parameter rows: of one call, see `calls`.
    private func beginTogether(_ rows: [LifecycleRow]) async throws(LedgerFailure) {
        let nowMs = clock()
        var payOuts: [(row: LifecycleRow, instruction: PayOutInstruction)] = []
        for row in rows {
            if case .begin(.payOut(let instruction)) = RailTask.next(for: row, nowMs: nowMs) {
                payOuts.append((row, instruction))
            }
        }
        guard let first = rows.first, case .payout(let payout) = first.lifecycle, let rail = rail(payout.rail) else {
            return
        }
        let preparations = await rail.prepare(payOuts.map(\.instruction), nowMs: nowMs)
        var ready: [(row: LifecycleRow, instruction: PayOutInstruction, prepared: [UInt8])] = []
        for (payOut, preparation) in zip(payOuts, preparations) {
            switch preparation {
            case .ready(let prepared): ready.append((payOut.row, payOut.instruction, prepared))
            case .refused(let refusal): _ = try await submit(payOut.row, .refused(refusal))
            case .unavailable(let reason): _ = try await wait(payOut.row, reason)
            }
        }
        guard !ready.isEmpty else { return }
        let commands = ready.map {
            LifecycleCommands.step(.payout(.began(prepared: $0.prepared, by: process)), of: $0.row)
        }
        let decisions = try await ledger.submit(commands, atomically: true)
        // One that the ledger holds back, or that somebody else was faster with, is in the bytes of all: none begins.
        // Who is held back waits, and the others begin without them.
        guard decisions.allSatisfy(\.isNewAndDone) else {
            let held = zip(ready, decisions).filter { $1.isHeldBack }.map(\.0.row)
            for row in held { _ = try await submit(row, .unanswered) }
            let others = ready.map(\.row).filter { row in !held.contains { $0.id == row.id } }
            return held.isEmpty || others.count < 2 ? () : try await beginTogether(others)
        }
        let outcomes = await rail.carryOut(ready.map { ($0.instruction, $0.prepared) }, nowMs: clock())
        for (payOut, outcome) in zip(ready, outcomes) {
            _ = try await take(outcome, of: payOut.instruction.reference, payOut.row.id)
        }
    }
}

extension Decision {
    /// Whether the ledger refused it for itself, such as a frozen account's money, and not for another's sake.
    fileprivate var isHeldBack: Bool {
        if case .replayed = self { return false }
        return outcome.code.map { $0 != "batch_aborted" && $0 != "state_conflict" } ?? false
    }

    fileprivate var isNewAndDone: Bool {
        if case .replayed = self { false } else { outcome.isDone }
    }
}
