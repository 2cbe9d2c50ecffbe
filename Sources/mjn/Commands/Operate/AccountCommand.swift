import ArgumentParser
import Cryptography
import Kernel
import LedgerStore
import Pay
import Service

/// Holding back a DID's money.
struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Holds back a DID's money, with a reason, in the audit log.",
        discussion: """
            Money still comes in to a frozen DID; none goes out.

            Example: mjn account freeze did:imajin:… --reason "chargeback under investigation"
            Example: mjn account audit
            """,
        subcommands: [
            AccountFreeze.self, AccountUnfreeze.self, AccountLimit.self, AccountResolve.self, AccountAudit.self,
        ])
}

/// Whose money, and why.
struct RestrictionOptions: ParsableArguments {
    @OptionGroup var node: NodeOptions

    @Argument(help: "Whose money.")
    var did: DID

    @Option(help: "Why, for the audit log.")
    var reason: String

    /// Characters of a reason.
    private static let reasonMax = 1000

    func validate() throws { try Self.check(reason) }

    static func check(_ reason: String) throws {
        let isBlank = reason.allSatisfy(\.isWhitespace)
        guard !isBlank, reason.count <= reasonMax else {
            throw ValidationError("--reason is text of up to \(reasonMax) characters")
        }
    }

    func carryOut(_ change: RestrictOrder.Change) async throws {
        let order = RestrictOrder(did: did, change: change, reason: reason, actor: Operator.name)
        let replies = try await withLedger(node) { session in
            let key = "restrict-" + ULID.text(nowMs: session.clock())
            return try await Operator.submit([Operator.command(.restrict(order), key: key)], session)
        }
        for reply in replies { try StandardOutput.write(reply + [UInt8(ascii: "\n")]) }
    }
}

/// `mjn account freeze`.
struct AccountFreeze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze",
        abstract: "Nothing of the DID's may be spent.",
        discussion: "Example: mjn account freeze did:imajin:… --reason \"court order 12/26\"")

    @OptionGroup var options: RestrictionOptions

    func run() async throws { try await options.carryOut(.freeze) }
}

/// `mjn account unfreeze`.
struct AccountUnfreeze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unfreeze",
        abstract: "The DID may spend again.",
        discussion: "Example: mjn account unfreeze did:imajin:… --reason \"order lifted\"")

    @OptionGroup var options: RestrictionOptions

    func run() async throws { try await options.carryOut(.unfreeze) }
}

/// `mjn account limit`.
struct AccountLimit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract: "So much of a currency stays in the DID's balance; 0 lifts the limit.",
        discussion: "Example: mjn account limit did:imajin:… --amount 5000 --currency USD --reason \"open dispute\"")

    @OptionGroup var options: RestrictionOptions

    @Option(help: "Minor units that stay; 0 lifts the limit.")
    var amount: Int64

    @Option(help: "Currency code.")
    var currency: Currency

    func validate() throws {
        guard (0...Money.amountMaxMinor).contains(amount) else {
            throw ValidationError("--amount is in minor units, from 0 to \(Money.amountMaxMinor)")
        }
    }

    func run() async throws {
        try await options.carryOut(.holdBack(currency: currency.code, amountMinor: amount))
    }
}

/// `mjn account audit`.
struct AccountAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Who held back whose money, when and why, newest first.",
        discussion: "Example: mjn account audit --limit 20 --format csv")

    @OptionGroup var node: NodeOptions

    @Option(help: "At most this many lines.")
    var limit = 200

    @OptionGroup var output: FormatOptions

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit is 1 to 100000") }
    }

    func run() async throws {
        let limit = limit
        let lines = try await withLedger(node, isReadOnly: true) { try await $0.store.auditLog(limit: limit) }
        var listing = Listing(
            [
                .init(name: "time"), .init(name: "actor"), .init(name: "action"),
                .init(name: "subject", isElastic: true), .init(name: "reason"),
            ], format: output.chosen)
        for line in lines {
            try listing.add([
                .text(Timestamp.text(ofMilliseconds: line.timeMs)), .text(line.actor), .text(line.action),
                .text(line.subject), .text(line.reason),
            ])
        }
        try listing.finish(empty: "mjn: the audit log is empty")
    }
}
