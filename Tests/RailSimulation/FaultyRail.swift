import Kernel
import LedgerDouble
import RailWorld
import Settlement
import Synchronization

/// A rail with money of its own and every fault that a network and a provider can have. What it accepted is true,
/// whether or not the caller heard of it.
final class FaultyRail: Rail {
    /// Chances in a thousand, per call.
    struct Faults {
        /// The call is never accepted, and the caller does not know.
        var lostRequest: UInt64 = 0
        /// The call is accepted, and the caller does not know.
        var lostReply: UInt64 = 0
        /// The call is refused for certain.
        var refusal: UInt64 = 0
        /// What was prepared is of no use any more.
        var lapse: UInt64 = 0
        /// A question gets no answer.
        var lostAnswer: UInt64 = 0
        /// Nothing can be prepared.
        var unavailable: UInt64 = 0
        /// What was accepted is finished later, or fails later.
        var slow: UInt64 = 0
        /// What was done comes back afterwards.
        var returned: UInt64 = 0

        static let none = Faults()
        static let harsh = Faults(
            lostRequest: 120, lostReply: 120, refusal: 80, lapse: 60, lostAnswer: 200, unavailable: 60, slow: 250,
            returned: 250)
    }

    /// Something that the rail accepted.
    struct Accepted {
        let instruction: RailInstruction
        var facts: RailFacts
        /// What it will be when it is finished; `nil`: it is.
        var next: RailStanding?
    }

    struct Core {
        var random: TestRandom
        var faults: Faults
        var accepted: [String: Accepted] = [:]
        var order: [String] = []
        var balances: [String: Int64] = [:]
        var calls = 0
        var asks = 0
        /// Attempts that can be carried out no more.
        var lapsed: Set<String> = []
        var mistakes: [String] = []
    }

    let name = RailName.stripe
    let capabilities: RailCapabilities = [.collect, .payOut, .refund, .list]
    let core: Mutex<Core>
    static let feeMinor: Int64 = 30
    /// The rail's account is in this currency; payments in another are converted, at a rate that changes.
    static let account = "USD"

    init(seed: UInt64, faults: Faults) {
        core = Mutex(Core(random: TestRandom(seed: seed), faults: faults))
    }

    /// The money at the rail.
    func balance(_ currency: String) -> Int64 { core.withLock { $0.balances[currency] ?? 0 } }

    /// Ends the faults, and finishes what is slow.
    func calm() {
        core.withLock { core in
            core.faults = .none
            for reference in core.order { core.finish(reference) }
        }
    }

    /// A payer pays what waits for it; `nil`: everything that waits.
    func pay(_ reference: String) {
        core.withLock { core in
            guard let accepted = core.accepted[reference], case .collect = accepted.instruction,
                accepted.facts.standing == .pending
            else { return }
            core.accepted[reference]?.next = .done
            core.finish(reference)
        }
    }

    func prepare(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        core.withLock { core in
            if core.chance(core.faults.unavailable) { return .unavailable("the rail is down") }
            return .ready(Array(instruction.reference.utf8))
        }
    }

    func carryOut(_ instruction: RailInstruction, prepared: [UInt8], nowMs: Int64) async -> RailOutcome {
        core.withLock { $0.carryOut(instruction, prepared) }
    }

    func fetch(
        _ instruction: RailInstruction, prepared: [UInt8], reference: String, nowMs: Int64
    ) async -> RailAnswer {
        core.withLock { core in
            core.asks += 1
            if core.chance(core.faults.lostAnswer) { return .unknown("the question was lost") }
            if core.chance(300) { core.finish(instruction.reference) }
            return core.accepted[instruction.reference].map { .found($0.facts) } ?? .absent
        }
    }

    func list(since position: RailPosition?, limit: Int) async throws(RailListFailure) -> RailPage {
        RailPage(records: [], next: nil, hasMore: false)
    }

    func balances() async throws(RailListFailure) -> [RailBalance] { [] }

    func cancel(_ instruction: RailInstruction, reference: String) async -> RailAnswer {
        core.withLock { core in
            if core.chance(core.faults.lostAnswer) { return .unknown("the question was lost") }
            guard let accepted = core.accepted[instruction.reference] else { return .absent }
            if accepted.facts.standing == .pending {
                core.accepted[instruction.reference]?.facts.standing = .cancelled
                core.accepted[instruction.reference]?.next = nil
            }
            return core.accepted[instruction.reference].map { .found($0.facts) } ?? .absent
        }
    }

    /// Everything that the rail would tell by webhook, in a random order and some of it twice.
    func news() -> [RailNews] {
        core.withLock { core in
            var news: [RailNews] = []
            for reference in core.order where core.chance(300) { core.finish(reference) }
            for (reference, accepted) in core.accepted.sorted(by: { $0.key < $1.key }) {
                news.append(.instruction(reference: reference, accepted.facts))
                if core.chance(300) { news.append(.instruction(reference: reference, accepted.facts)) }
            }
            for index in news.indices.reversed() {
                news.swapAt(index, Int(core.random.next() % UInt64(index + 1)))
            }
            return news
        }
    }
}

extension FaultyRail.Core {
    mutating func chance(_ perThousand: UInt64) -> Bool { random.next() % 1000 < perThousand }

    mutating func carryOut(_ instruction: RailInstruction, _ prepared: [UInt8]) -> RailOutcome {
        calls += 1
        let reference = instruction.reference
        if prepared != Array(reference.utf8) { mistakes.append("\(reference) came with other bytes") }
        if chance(faults.lostRequest) { return .unknown("the call was lost") }
        if let known = accepted[reference] {
            if chance(faults.lostReply) { return .unknown("the reply was lost") }
            return outcome(known.facts)
        }
        if case .recall = instruction { mistakes.append("\(reference) takes back, and the rail cannot") }
        if case .payOut = instruction {
            if chance(faults.lapse) { lapsed.insert(reference) }
            if lapsed.contains(reference) { return .lapsed("its time is over") }
        }
        if chance(faults.refusal) || instruction.goesNowhere {
            return .refused(RailRefusal(code: "rail_declined", reason: "the rail does not like it"))
        }
        accept(instruction)
        if chance(faults.lostReply) { return .unknown("the reply was lost") }
        return accepted[reference].map { outcome($0.facts) } ?? .unknown("nothing was accepted")
    }

    private func outcome(_ facts: RailFacts) -> RailOutcome {
        switch facts.standing {
        case .done: .done(facts)
        case .pending: .pending(facts)
        case .failed: .failed(facts)
        case .cancelled: .pending(facts)
        }
    }

    private mutating func accept(_ instruction: RailInstruction) {
        let reference = instruction.reference
        order.append(reference)
        var facts = RailFacts(standing: .pending, reference: "r_\(reference)", amountMinor: 0)
        switch instruction {
        case .collect(let value):
            facts.amountMinor = value.amountMinor
            facts.url = "https://rail.example/\(reference)"
            accepted[reference] = FaultyRail.Accepted(instruction: instruction, facts: facts, next: nil)
            return
        case .payOut(let value): facts.amountMinor = value.amountMinor
        case .refund(let value): facts.amountMinor = value.amountMinor
        case .recall: return
        }
        let failure = RailStanding.failed(RailRefusal(code: "account_closed", reason: "the account is closed"))
        let next: RailStanding = chance(faults.refusal) ? failure : .done
        accepted[reference] = FaultyRail.Accepted(instruction: instruction, facts: facts, next: next)
        if !chance(faults.slow) { finish(reference) }
    }

    /// Brings what was accepted to its end, and moves its money.
    mutating func finish(_ reference: String) {
        guard var item = accepted[reference] else { return }
        if let next = item.next {
            item.next = nil
            item.facts.standing = next
            if next == .done { move(&item, sign: 1) }
        } else if item.facts.standing == .done, chance(faults.returned), case .payOut(let value) = item.instruction,
            chance(700)
        {
            // A part of it is taken back, possibly the rest.
            let returned = item.facts.returnedMinor ?? 0
            let part = 1 + Int64(random.next() % UInt64(value.amountMinor - returned))
            item.facts.returnedMinor = returned + part
            balances[value.currency, default: 0] += part
            if returned + part == value.amountMinor {
                item.facts.standing = .failed(RailRefusal(code: "returned", reason: "it was taken back"))
            }
        } else if item.facts.standing == .done, chance(faults.returned), !item.isCollect,
            item.facts.returnedMinor == nil
        {
            item.facts.standing = .failed(RailRefusal(code: "returned", reason: "the bank sent it back"))
            move(&item, sign: -1)
        }
        accepted[reference] = item
    }

    private mutating func move(_ item: inout FaultyRail.Accepted, sign: Int64) {
        switch item.instruction {
        case .collect(let value):
            item.facts.feeMinor = FaultyRail.feeMinor
            balances[FaultyRail.account, default: 0] +=
                settle(value.amountMinor, value.currency, &item.facts) - FaultyRail.feeMinor
        case .recall: break
        case .payOut(let value): balances[value.currency, default: 0] -= sign * value.amountMinor
        case .refund(let value):
            guard sign > 0 else {
                let back = value.currency == FaultyRail.account ? value.amountMinor : converted(value.amountMinor)
                if item.facts.settledMinor != nil { item.facts.returnedSettledMinor = back }
                balances[FaultyRail.account, default: 0] += back
                return
            }
            balances[FaultyRail.account, default: 0] -= settle(value.amountMinor, value.currency, &item.facts)
        }
    }

    /// What an amount is in the rail's account just now, and says so where it was converted.
    private mutating func settle(_ amountMinor: Int64, _ currency: String, _ facts: inout RailFacts) -> Int64 {
        guard currency != FaultyRail.account else { return amountMinor }
        let settled = converted(amountMinor)
        (facts.settledCurrency, facts.settledMinor) = (FaultyRail.account, settled)
        return settled
    }

    /// An amount at the rate of the moment, 1.05 to 1.15.
    mutating func converted(_ amountMinor: Int64) -> Int64 {
        amountMinor * Int64(1050 + random.next() % 100) / 1000
    }
}

extension RailInstruction {
    /// Whether it pays to an account that is closed for ever.
    var goesNowhere: Bool {
        if case .payOut(let value) = self { value.destination == World.closedDestination } else { false }
    }
}

extension FaultyRail.Accepted {
    var isCollect: Bool { if case .collect = instruction { true } else { false } }
}
