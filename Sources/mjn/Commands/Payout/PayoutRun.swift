import ArgumentParser
import Cryptography
import Kernel
import LedgerStore
import Pay
import Service
import Settlement

/// `mjn payout run`.
struct PayoutRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Pays out now what payees' policies allow, without waiting for their time.",
        discussion: """
            Payees who want to be paid by hand only are left out unless they are named. The rails' settings must be \
            set here as for the node. Exits 1 when a payout failed, 69 when no rail is on.

            Example: mjn payout run --dry-run
            Example: mjn payout run --did did:imajin:… --currency USD
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "Only this payee.")
    var did: DID?

    @Option(help: "Only this currency.")
    var currency: Currency?

    @Flag(name: .customLong("dry-run"), help: "Say what would be paid out; do nothing.")
    var isDry = false

    @OptionGroup var output: FormatOptions

    func run() async throws {
        let lines = try await withRails(node, isReadOnly: isDry) { rails, session in
            if rails.on.isEmpty, !isDry {
                let missing = rails.notes.map { "\($0.name): \($0.reason)" }.joined(separator: "; ")
                throw CLIFailure(
                    "no rail is on here (\(missing))", fix: "set the rails' settings as the node has them",
                    exitCode: ExitStatus.unavailable)
            }
            return try await Pass(did: did, currency: currency?.code, isDry: isDry, rails: rails).run(session)
        }
        try write(lines)
    }

    private func write(_ lines: [Line]) throws {
        var listing = Listing(
            [
                .init(name: "did", isElastic: true), .init(name: "rail"), .init(name: "currency", isHidden: true),
                .init(name: "amount", isRight: true), .init(name: "id"), .init(name: "status"),
                .init(name: "reason"),
            ], format: output.chosen)
        for line in lines {
            try listing.add([
                .text(line.did), line.rail.map { .text($0.rawValue) } ?? .null, .text(line.currency),
                .money(Int128(line.amountMinor), currency: line.currency), line.id.map { .text($0) } ?? .null,
                .text(line.status), Lifecycles.cell(line.refusal),
            ])
        }
        try listing.finish(empty: "mjn: nothing to pay out")
        let failed = lines.count { ["failed", "stopped", "refused"].contains($0.status) }
        guard failed == 0 else {
            throw CLIFailure("\(failed) of \(lines.count) were not paid", fix: "see: mjn payout list --status failed")
        }
    }

    /// What became of one payee's money in one currency.
    struct Line: Sendable {
        let did: String
        let currency: String
        let amountMinor: Int64
        var rail: RailName?
        var id: String?
        /// The payout's, or `skipped`, `refused` or `would_pay`.
        var status: String
        var refusal: RailRefusal?
    }
}

extension PayoutRun {
    /// One run over the payees.
    private struct Pass: Sendable {
        let did: DID?
        let currency: String?
        let isDry: Bool
        let rails: NodeRails

        func run(_ session: LedgerSession) async throws -> [Line] {
            let worker = RailWorker(
                ledger: session.store, rails: rails.on, settling: SettlesNothing(), clock: session.clock,
                makeID: { $0 + ULID.text(nowMs: session.clock()) }, process: ProcessName.make())
            let payees = try await payees(session)
            let run = ULID.text(nowMs: session.clock())
            var bar = ProgressBar()
            defer { bar.finish() }
            var lines: [Line] = []
            for (index, payee) in payees.enumerated() {
                bar.show("payees", Int64(index), of: Int64(payees.count))
                lines += try await open(payee.did, payee.policy, worker, session, key: "run-\(run)")
            }
            bar.show("payees", Int64(payees.count), of: Int64(payees.count))
            // Together, so that a rail which pays many in one call does.
            let opened = lines.indices.filter { lines[$0].id != nil }
            for start in stride(from: 0, to: opened.count, by: RailWorker.passMax) {
                bar.show("payouts", Int64(start), of: Int64(opened.count))
                let some = opened[start..<min(start + RailWorker.passMax, opened.count)]
                try await worker.drive(some.compactMap { lines[$0].id })
                for index in some { try await look(at: &lines[index], session) }
            }
            if !opened.isEmpty { bar.show("payouts", Int64(opened.count), of: Int64(opened.count)) }
            return lines
        }

        private func payees(_ session: LedgerSession) async throws -> [(did: DID, policy: PayoutPolicy)] {
            var payees: [(did: DID, policy: PayoutPolicy)] = []
            var filter = LifecycleFilter(kind: .payee, limit: 1)
            filter.owner = did?.string
            try await Lifecycles.forEach(filter, limit: .max, session) { row in
                guard case .payee(let payee) = row.lifecycle, let policy = payee.policy(at: session.clock()),
                    did != nil || policy.schedule != .manual, let payee = try? DID(payee.did)
                else { return false }
                payees.append((payee, policy))
                return true
            }
            if payees.isEmpty, let did {
                throw CLIFailure(
                    "\(did) has no payout policy in force", fix: "see what was said: mjn payee show \(did)")
            }
            return payees
        }

        private func open(
            _ did: DID, _ policy: PayoutPolicy, _ worker: RailWorker, _ session: LedgerSession, key: String
        ) async throws -> [Line] {
            var lines: [Line] = []
            for choice in try await worker.choices(did, policy, currency: currency) {
                var line = Line(
                    did: did.string, currency: choice.currency, amountMinor: choice.amountMinor,
                    rail: choice.destination?.rail, status: isDry ? "would_pay" : "skipped", refusal: choice.refusal)
                if choice.refusal != nil {
                    line.status = "skipped"
                } else if !isDry, let destination = choice.destination {
                    let outcome = try await worker.open(
                        choice, to: destination, of: did, cause: .operatorRun, creator: Operator.name,
                        key: "\(key)/\(did)/\(choice.currency)")
                    line.id = outcome.isDone ? outcome.reference : nil
                    if line.id == nil {
                        line.status = "refused"
                        line.refusal = RailRefusal(
                            code: outcome.code ?? "refused", reason: String(decoding: outcome.body, as: UTF8.self))
                    }
                }
                lines.append(line)
            }
            return lines
        }

        /// How a payout stands.
        private func look(at line: inout Line, _ session: LedgerSession) async throws(LedgerFailure) {
            guard let id = line.id, case .payout(let payout)? = try await session.store.lifecycle(id)?.row.lifecycle
            else { return }
            (line.status, line.refusal) = (payout.status.rawValue, payout.refusal)
        }
    }
}
