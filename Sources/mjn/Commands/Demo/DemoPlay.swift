import Cryptography
import Kernel
import LedgerStore
import Pay
import Service

/// The demonstration itself.
struct DemoPlay: Sendable {
    let cast: DemoCast
    let client: NodeClient
    let session: LedgerSession

    /// Everything that came of it.
    struct Outcome: Sendable {
        let reply: NodeReply
        let milliseconds: Int64
        let isReplayEqual: Bool
        let entry: EntryLine?
        /// The available balance of each member, the payer first.
        let balances: [(member: DemoCast.Member, availableMinor: Int64)]
        let proof: VerificationReport
    }

    func run() async throws -> Outcome {
        guard session.isDevelopment else {
            throw CLIFailure(
                "the demonstration invents money, and this is a production book",
                fix: "run it on a development node: mjn up --data-dir DIR", exitCode: ExitStatus.notPermitted)
        }
        let gift = Gift(did: cast.payer.did, amountMinor: DemoCast.fundedMinor, currency: DemoCast.currency)
        _ = try await Funding(session: session, asCredit: false).give([gift], keepsReplies: true)
        guard try await available(cast.payer) == DemoCast.fundedMinor else {
            throw CLIFailure(
                "the node at \(client.base) keeps another book than the one that was funded",
                fix: "give the --data-dir (or DATABASE_URL) that the node was started with")
        }
        let key = "demo-" + ULID.text(nowMs: session.clock())
        let clock = ContinuousClock()
        let started = clock.now
        let reply = try await settle(key)
        let took = clock.now - started
        if let failure = CLIFailure(refusal: reply) { throw failure }
        let again = try await settle(key)
        var balances: [(DemoCast.Member, Int64)] = []
        for member in [cast.payer] + cast.payees { balances.append((member, try await available(member))) }
        let seq = reply.json?["entry_seq"]?.int64 ?? 0
        let entry = try await session.store.entries(after: seq - 1, until: seq, limit: 1).first
        return Outcome(
            reply: reply,
            milliseconds: took.components.seconds * 1000 + took.components.attoseconds / 1_000_000_000_000_000,
            isReplayEqual: again.isReplay && again.body == reply.body, entry: entry, balances: balances,
            proof: try await BookProof.run(session, showsProgress: false))
    }

    private func settle(_ key: String) async throws -> NodeReply {
        try await client.send(
            .post, "/api/settle", body: cast.settlementBody, signer: RequestSigner(key: cast.payer.key),
            idempotencyKey: key)
    }

    /// What a member can spend, read with the member's own signature.
    private func available(_ member: DemoCast.Member) async throws -> Int64 {
        let reply = try await client.send(
            .get, "/api/balance/\(member.did.string)", signer: RequestSigner(key: member.key))
        if let failure = CLIFailure(refusal: reply) { throw failure }
        guard let balances = reply.json?["balances"] else { return 0 }
        for balance in balances.elements where balance["currency"]?.stringEquals(DemoCast.currency.code) == true {
            return balance["available"]?.int64 ?? 0
        }
        return 0
    }
}
