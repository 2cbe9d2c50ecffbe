import Cryptography
import Kernel
import Settlement

extension LedgerStoreConformance {
    @Sendable static func escrows(_ probe: inout Probe) async throws {
        let (payer, payee, arbiter) = (probe.did("esc-payer"), probe.did("esc-payee"), probe.did("esc-arbiter"))
        _ = try await probe.run(Commands.fund(probe.key("esc-1"), payer, 500))
        _ = try await probe.run(Commands.fund(probe.key("esc-2"), payer, 300, asCredit: true))
        let escrow = RailCommands.escrow(probe.key("esc"), from: payer, to: payee, arbiter: arbiter, 700)
        let opened = try await probe.open(.openEscrow(escrow), escrow.id, of: payer)
        let set = try await probe.balance(payer)
        probe.expect(opened.isDone && set.cashMinor == 100 && set.creditMinor == 0, "set aside, there is \(set)")
        let wrong = try await probe.step(.escrow(.released(amountMinor: nil, by: payee.string)), escrow.id)
        probe.expect(wrong.code == "caller_not_allowed", "the payee's release got \(wrong.code ?? "done")")
        let part = try await probe.step(.escrow(.released(amountMinor: 200, by: payer.string)), escrow.id)
        let over = try await probe.step(.escrow(.released(amountMinor: 501, by: payer.string)), escrow.id)
        probe.expect(part.isDone && over.code == "escrow_exceeded", "they got \(part) \(over.code ?? "done")")
        let back = try await probe.step(.escrow(.refunded(amountMinor: nil, by: payee.string)), escrow.id)
        let (after, gained) = (try await probe.balance(payer), try await probe.balance(payee))
        probe.expect(back.isDone && gained.cashMinor == 200, "the payee has \(gained)")
        probe.expect(after.cashMinor == 500 && after.creditMinor == 100, "the payer has \(after)")
        let life = try await probe.life(escrow.id)
        probe.expect(
            life == ["escrow_opened open", "escrow_released open", "escrow_refunded refunded"], "its life is \(life)")
        for (asPayee, asArbiter, isFound) in [
            (payee, nil, true), (nil, arbiter, true), (payee, arbiter, true), (arbiter, nil, false),
            (nil, payee, false),
            (payee, payee, false),
        ] as [(DID?, DID?, Bool)] {
            var filter = LifecycleFilter(kind: .escrow, limit: 10)
            (filter.payee, filter.arbiter) = (asPayee?.string, asArbiter?.string)
            let found = try await probe.store.lifecycles(filter).map(\.id)
            probe.expect(found == (isFound ? [escrow.id] : []), "for \(filter) it finds \(found)")
        }
    }

    @Sendable static func payees(_ probe: inout Probe) async throws {
        let who = probe.did("wish")
        let id = Payee.id(who.string)
        let policy = PayoutPolicy(
            destinations: [.init(rail: RailCommands.rail, currency: Commands.usd, address: "acct_wish")],
            defaultRail: nil, schedule: .daily, minimumMinor: [Commands.usd: 500])
        let command = LifecycleCommands.open(
            .payee(.changed(policy, effectiveAtMs: People.noonMs)), id: id, owners: [], caller: who.string,
            key: probe.key("wish"), requestHash: LifecycleCommands.hash(id))
        let said = try await probe.run(command)
        let ran = try await probe.step(.payee(.ran), id)
        guard case .payee(let payee)? = try await probe.store.lifecycle(id)?.row.lifecycle else {
            return probe.expect(false, "it is not there: \(said)")
        }
        probe.expect(said.isDone && ran.isDone && payee.policy == policy, "in force is \(String(describing: payee))")
        probe.expect(payee.pending == nil && payee.nextRunAtMs != nil, "\(payee)")
        func atOnce() async throws -> [String] {
            try await probe.store.payeesPaidAtOnce(after: "", limit: 1_000).map(\.id).filter { $0 == id }
        }
        probe.expect(try await atOnce().isEmpty, "a daily payee is paid at once")
        let instant = PayoutPolicy(
            destinations: policy.destinations, defaultRail: nil, schedule: .instant, minimumMinor: [:])
        _ = try await probe.step(.payee(.changed(instant, effectiveAtMs: People.noonMs)), id)
        probe.expect(try await atOnce().isEmpty, "a change is in force before its time")
        _ = try await probe.step(.payee(.ran), id)
        probe.expect(try await atOnce() == [id], "a payee in force is not found")
        let behind = try await probe.store.payeesPaidAtOnce(after: id, limit: 1_000).contains { $0.id == id }
        probe.expect(!behind, "it stands behind itself")
    }

    @Sendable static func stepsOnce(_ probe: inout Probe) async throws {
        let payee = probe.did("once")
        let payout = RailCommands.payout(probe.key("once"), to: payee, 60)
        _ = try await probe.run(Commands.fund(probe.key("once"), payee, 100))
        _ = try await probe.open(.openPayout(payout), payout.id, of: payee)
        guard let row = try await probe.store.lifecycle(payout.id)?.row else {
            return probe.expect(false, "there is no payout")
        }
        let began = LifecycleCommands.step(.payout(.began(prepared: [])), of: row)
        let first = try await probe.run([began], atomically: false)[0]
        let second = try await probe.run([began], atomically: false)[0]
        probe.expect(second == .replayed(first.outcome), "the same step again got \(second)")
        // Another's step that was decided on the same version has its own key.
        let rival = Command(
            caller: "operator", key: probe.key("rival"), requestHash: LifecycleCommands.hash("rival"),
            action: .advance(
                LifecycleOrder(
                    id: payout.id, version: row.version,
                    owners: [
                        OwnerKey(owner: "", currency: Commands.usd),
                        OwnerKey(owner: payee.string, currency: Commands.usd),
                    ], step: .payout(.cancelled(reason: "late")))))
        let late = try await probe.run(rival)
        probe.expect(late.code == "state_conflict", "a step from an old version got \(late.code ?? "done")")
        let twice = try await probe.run(
            RailCommands.open(.openPayout(payout), payout.id, of: payee, key: probe.key("once-again")))
        probe.expect(twice.code == "state_conflict", "making it again got \(twice.code ?? "done")")
        let after = try await probe.store.lifecycle(payout.id)
        probe.expect(after?.row.version == 2 && after?.events.count == 2, "it is \(String(describing: after?.row))")
    }

    @Sendable static func findsLifecycles(_ probe: inout Probe) async throws {
        let (one, other) = (probe.did("find-1"), probe.did("find-2"))
        _ = try await probe.run(Commands.fund(probe.key("find-f1"), one, 100))
        _ = try await probe.run(Commands.fund(probe.key("find-f2"), other, 100))
        var ids: [String] = []
        for (index, who) in [one, other, one, one, one].enumerated() {
            let payout = RailCommands.payout(probe.key("find-\(index)"), to: who, 1, nowMs: Int64(100 - index))
            _ = try await probe.open(.openPayout(payout), payout.id, of: who)
            ids.append(payout.id)
        }
        _ = try await probe.step(.payout(.began(prepared: [1])), ids[2])
        _ = try await probe.step(.payout(.observed(RailCommands.facts(.done, "tr_\(ids[2])", 1))), ids[2])

        let byReference = try await probe.store.lifecycle(
            rail: RailCommands.rail, reference: "tr_\(ids[2])", kind: .payout)
        let otherKind = try await probe.store.lifecycle(
            rail: RailCommands.rail, reference: "tr_\(ids[2])", kind: .refund)
        let otherRail = try await probe.store.lifecycle(rail: .emt, reference: "tr_\(ids[2])", kind: .payout)
        probe.expect(byReference?.id == ids[2], "by its reference it is \(byReference?.id ?? "nothing")")
        probe.expect(otherKind == nil && otherRail == nil, "another's reference found it")

        let due = try await probe.store.dueLifecycles(nowMs: 100, limit: 100).map(\.id).filter { ids.contains($0) }
        probe.expect(due == [ids[4], ids[3], ids[1], ids[0]], "due are \(due)")
        let sooner = try await probe.store.dueLifecycles(nowMs: 96, limit: 100).map(\.id).filter { ids.contains($0) }
        probe.expect(sooner == [ids[4]], "at 96, due are \(sooner)")

        var filter = LifecycleFilter(kind: .payout, limit: 2)
        filter.owner = one.string
        var paged: [String] = []
        for _ in 0..<4 {
            filter.before = paged.last
            paged += try await probe.store.lifecycles(filter).map(\.id)
        }
        probe.expect(paged == [ids[4], ids[3], ids[2], ids[0]], "in pages they are \(paged)")
        var held = LifecycleFilter(kind: .payout, limit: 10)
        (held.owner, held.statuses) = (one.string, ["held", "failed"])
        let heldIDs = try await probe.store.lifecycles(held).map(\.id)
        probe.expect(heldIDs == [ids[4], ids[3], ids[0]], "held are \(heldIDs)")
        var made = LifecycleFilter(kind: .payout, limit: 10)
        made.creator = other.string
        let madeIDs = try await probe.store.lifecycles(made).map(\.id)
        probe.expect(madeIDs == [ids[1]], "of the other there is \(madeIDs)")
        var wrong = LifecycleFilter(kind: .refund, limit: 10)
        wrong.owner = one.string
        let none = try await probe.store.lifecycles(wrong)
        let absent = try await probe.store.lifecycle("po_none")
        probe.expect(none.isEmpty && absent == nil, "something is found")
    }
}
