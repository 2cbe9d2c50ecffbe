import ArgumentParser
import Cryptography
import Kernel
import Pay
import Service
import Settlement

/// `mjn ledger fund`.
struct LedgerFund: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fund",
        abstract: "Invents money for a balance, on a development node only.",
        discussion: """
            Cash comes from dev_funding, credit from promotions. A file holds one \
            {"did":…,"amount":…,"currency":…} per line. Exits 77 on a production node.

            Example: mjn ledger fund --did did:imajin:… --amount 10000 --currency USD
            Example: mjn ledger fund --file accounts.jsonl
            """)

    /// What is given.
    enum Kind: String, ExpressibleByArgument, CaseIterable { case cash, credit }

    @OptionGroup var node: NodeOptions

    @Option(help: "Whose balance.")
    var did: DID?

    @Option(help: "Minor units: 1 to 9000000000000000.")
    var amount: Int64?

    @Option(help: "Currency code.")
    var currency: Currency?

    @Option(name: .customLong("as"), help: "cash or credit.")
    var kind = Kind.cash

    @Option(help: "JSON lines, one balance each, instead of --did; - reads standard input.")
    var file: String?

    func validate() throws {
        if file != nil {
            guard did == nil, amount == nil, currency == nil else {
                throw ValidationError(
                    "--file holds DIDs, amounts and currencies: leave out --did, --amount, --currency")
            }
            return
        }
        guard did != nil, let amount, let currency else {
            throw ValidationError("give --did, --amount and --currency, or --file")
        }
        do {
            _ = try Money.requested(amountMinor: amount, currency: currency)
        } catch {
            throw ValidationError("--amount is in minor units, from 1 to \(Money.amountMaxMinor)")
        }
    }

    func run() async throws {
        var gifts: [Gift] = []
        if let file {
            gifts = try Gift.read(file)
        } else if let did, let amount, let currency {
            gifts = [Gift(did: did, amountMinor: amount, currency: currency)]
        }
        let asCredit = kind == .credit
        let isFile = file != nil
        let replies = try await withLedger(node) { session in
            guard session.isDevelopment else {
                throw CLIFailure(
                    "this node's book is a production book: money comes into it through a rail only",
                    fix: "use a development node: mjn up --data-dir DIR", exitCode: ExitStatus.notPermitted)
            }
            return try await Funding(session: session, asCredit: asCredit).give(gifts, keepsReplies: !isFile)
        }
        if let reply = replies.first {
            try StandardOutput.write(reply + [UInt8(ascii: "\n")])
        } else {
            try StandardOutput.line("{\"funded\":\(gifts.count)}")
        }
    }
}

/// Money for one balance.
struct Gift: Sendable {
    let did: DID
    let amountMinor: Int64
    let currency: Currency

    /// Bytes of a file: ten times 100,000 accounts.
    private static let fileBytesMax = 256 << 20

    /// Reads JSON lines.
    /// - Throws: exit code 65 with the number of the line; nothing was given then.
    static func read(_ file: String) throws(CLIFailure) -> [Gift] {
        let bytes = try InputFile.read(file, bytesMax: fileBytesMax)
        var gifts: [Gift] = []
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }) { continue }
            guard let gift = Gift(Array(line)) else {
                throw CLIFailure(
                    "line \(number) of \(InputFile.name(file)) is no balance: nothing was funded",
                    fix: "write {\"did\":\"did:imajin:…\",\"amount\":10000,\"currency\":\"USD\"}",
                    exitCode: ExitStatus.badInput)
            }
            gifts.append(gift)
        }
        return gifts
    }

    init(did: DID, amountMinor: Int64, currency: Currency) {
        self.did = did
        self.amountMinor = amountMinor
        self.currency = currency
    }

    private init?(_ line: [UInt8]) {
        guard let value = (try? JSONDocument(parsing: line))?.root, let did = value["did"].flatMap({ try? DID($0) }),
            let amount = value["amount"]?.int64, let currency = value["currency"]?.string.flatMap(Currency.named),
            (try? Money.requested(amountMinor: amount, currency: currency)) != nil
        else { return nil }
        self.init(did: did, amountMinor: amount, currency: currency)
    }
}

/// Gives money, many balances per transaction.
struct Funding: Sendable {
    let session: LedgerSession
    let asCredit: Bool

    /// Commands per submission: half a batch of the poster.
    private static let batch = 500
    /// Submissions under way at a time, so that the poster never waits for us.
    private static let inFlight = 4

    /// - Returns: the replies, when they are kept.
    func give(_ gifts: [Gift], keepsReplies: Bool) async throws -> [[UInt8]] {
        var bar = ProgressBar(isShown: !keepsReplies && Terminal.isError)
        defer { bar.finish() }
        return try await withThrowingTaskGroup(of: (Int, [[UInt8]]).self) { group in
            var next = 0
            var done: Int64 = 0
            var replies: [[UInt8]] = []
            func start() {
                guard next < gifts.count else { return }
                let part = Array(gifts[next..<min(gifts.count, next + Self.batch)])
                next += part.count
                group.addTask { (part.count, try await submit(part)) }
            }
            for _ in 0..<Self.inFlight { start() }
            while let (count, some) = try await group.next() {
                start()
                done += Int64(count)
                if keepsReplies { replies += some }
                bar.show("funding", done, of: Int64(gifts.count))
            }
            return replies
        }
    }

    private func submit(_ gifts: [Gift]) async throws -> [[UInt8]] {
        let commands = gifts.map { gift in
            let id = ULID.text(nowMs: session.clock())
            let order = FundOrder(
                fundID: "fnd_" + id, did: gift.did, amountMinor: gift.amountMinor, currency: gift.currency.code,
                asCredit: asCredit)
            return Operator.command(.fund(order), key: "fund-" + id)
        }
        return try await Operator.submit(commands, session)
    }
}
