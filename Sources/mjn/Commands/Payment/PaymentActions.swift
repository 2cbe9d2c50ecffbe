import ArgumentParser
import Cryptography
import Kernel
import LedgerStore
import Pay
import Settlement

/// `mjn payment refund`.
struct PaymentRefund: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refund",
        abstract: "Sends a payment's unspent money back the way it came.",
        discussion: """
            For money in suspense, and for what a failed refund left. What a settlement spent is taken back by \
            refunding the settlement (POST /api/settlements/{id}/refund).

            Example: mjn payment refund pay_… --reason "paid twice"
            Example: mjn payment refund pay_… --amount 500 --reason "overpaid"
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "The payment, pay_….")
    var id: String

    @Option(help: "Minor units; by default all that is unspent.")
    var amount: Int64?

    @OptionGroup var why: ReasonOption

    func validate() throws {
        if let amount, !(1...Money.amountMaxMinor).contains(amount) {
            throw ValidationError("--amount is in minor units, from 1 to \(Money.amountMaxMinor)")
        }
    }

    func run() async throws {
        let (id, amount, reason) = (id, amount, why.reason)
        let reply = try await withLedger(node) { session in
            let found = try await Lifecycles.find(id, .payment, session)
            guard case .payment(let payment) = found.row.lifecycle else { return [UInt8]() }
            guard payment.unspentMinor > 0 else {
                throw CLIFailure(
                    "\(id) is \(payment.status.rawValue) and has no unspent money",
                    fix: payment.settlementID.isEmpty
                        ? nil : "refund what spent it: POST /api/settlements/\(payment.settlementID)/refund")
            }
            let refundID = "rrf_" + ULID.text(nowMs: session.clock())
            let owners = ["", payment.payer].map { OwnerKey(owner: $0, currency: payment.currency) }
            var order = LifecycleOrder(
                id: refundID, version: 0, related: [id], owners: owners,
                step: .openRefund(amountMinor: amount, reason: reason, creator: Operator.name, done: nil))
            order.audit = AuditNote(actor: Operator.name, reason: reason)
            let command = Operator.command(.advance(order), key: refundID)
            return try await Operator.submit([command], session)[0]
        }
        try StandardOutput.write(reply + [UInt8(ascii: "\n")])
    }
}

/// `mjn payment assign`.
struct PaymentAssign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign",
        abstract: "Gives money in suspense to a person, as balance.",
        discussion: "Example: mjn payment assign pay_… --to did:imajin:… --reason \"found the order, it is theirs\"")

    @OptionGroup var node: NodeOptions

    @Argument(help: "The payment, pay_….")
    var id: String

    @Option(help: "Who gets it.")
    var to: DID

    @OptionGroup var why: ReasonOption

    func run() async throws {
        let (id, to, reason) = (id, to, why.reason)
        let reply = try await withLedger(node) { session in
            let found = try await Lifecycles.find(id, .payment, session)
            return try await Lifecycles.act(
                .payment(.assigned(did: to.string, actor: Operator.name)), on: found.row, reason: reason, session)
        }
        try StandardOutput.write(reply + [UInt8(ascii: "\n")])
    }
}
