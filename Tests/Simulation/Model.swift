import Kernel
import Settlement

/// What must come of commands, said a second time and another way: plain sums in 128 bits and plain tables, changed one
/// command after the other in the order of the commits. It shares no code with `LedgerState`.
struct Model {
    /// What a command must come to.
    struct Prediction {
        /// Status and code; more than one where two reasons hold at once.
        var allowed: [Answer]
        /// The answer that was stored before, byte for byte.
        var replay: Outcome?
        /// Whether the answer is to be stored.
        var isStored: Bool
        /// The entry that it makes.
        var movement: Movement?
        var isDone: Bool { allowed.count == 1 && allowed[0].code == nil }
    }

    /// Status and code of an outcome.
    struct Answer: Hashable {
        var status: Int
        var code: String?
    }

    /// An account's four sums.
    struct Sums: Hashable {
        var debit: Int128 = 0
        var credit: Int128 = 0
        var heldDebit: Int128 = 0
        var heldCredit: Int128 = 0
        var all: [Int128] { [debit, credit, heldDebit, heldCredit] }
    }

    struct Known {
        var hash: [UInt8]
        var allowed: [Answer]
        var outcome: Outcome?
    }

    struct Hold {
        var order: HoldOrder
        var status = HoldRow.Status.pending
    }

    struct Allowance {
        var order: AllowanceOrder
        var day: Int64 = .min
        var spent: Int64 = 0
    }

    /// What a batch was decided with.
    struct Circumstances {
        /// The server's clock at the decision.
        var nowMs: Int64
        /// The server's clock when facts were asked for.
        var loadedAtMs: Int64
        /// Recipients' rules when facts were read.
        var gasRules: [GasKey: GasRule]
    }

    var sums: [AccountKey: Sums] = [:]
    /// Stored answers. The outcome is filled in when its row was seen in the database.
    var stored: [CommandIdentity: Known] = [:]
    var frozen: Set<String> = []
    var heldBack: [String: [String: Int64]] = [:]
    var manifestSigners: [String: String] = [:]
    var settlements: [String: SettleOrder] = [:]
    var refunded: [String: Int64] = [:]
    var holds: [String: Hold] = [:]
    var allowances: [AllowanceKey: Allowance] = [:]
    var spentAuthorizations: Set<AuthorizationKey> = []
    var messages: [GasKey: [Int64]] = [:]

    /// Decides a submission and changes the model accordingly.
    mutating func decide(_ submission: Submission, _ now: Circumstances) -> [Prediction] {
        guard submission.isAtomic else { return submission.commands.map { decide($0, now) } }
        var attempt = self
        var predictions: [Prediction] = []
        for (index, command) in submission.commands.enumerated() {
            let prediction = attempt.decide(command, now)
            guard !prediction.isDone else {
                predictions.append(prediction)
                continue
            }
            if prediction.isStored { remember(command, prediction) }
            return submission.commands.indices.map { $0 == index ? prediction : .refused(424, "batch_aborted") }
        }
        self = attempt
        return predictions
    }

    private mutating func decide(_ command: Command, _ now: Circumstances) -> Prediction {
        if let known = stored[command.identity] {
            guard known.hash == command.requestHash else {
                return .refused(422, "idempotency_key_reused", stored: false)
            }
            return Prediction(allowed: known.allowed, replay: known.outcome, isStored: false)
        }
        var prediction = carryOut(command.action, now)
        if let movement = prediction.movement {
            if let refusal = refusal(of: movement) { prediction = refusal } else { move(movement) }
        }
        if prediction.isDone { note(command.action, now) }
        if prediction.isStored { remember(command, prediction) }
        return prediction
    }

    private mutating func remember(_ command: Command, _ prediction: Prediction) {
        stored[command.identity] = Known(hash: command.requestHash, allowed: prediction.allowed)
    }
}

extension Model.Prediction {
    static func done(_ status: Int, _ movement: Model.Movement? = nil) -> Self {
        Self(allowed: [Model.Answer(status: status)], isStored: true, movement: movement)
    }

    static func refused(_ status: Int, _ code: String, stored: Bool? = nil) -> Self {
        let isStored = stored ?? (status == 402 || status == 422)
        return Self(allowed: [Model.Answer(status: status, code: code)], isStored: isStored)
    }
}
