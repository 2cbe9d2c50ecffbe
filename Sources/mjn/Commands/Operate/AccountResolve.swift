import ArgumentParser
import Cryptography
import LedgerStore
import Pay
import ProofChain
import Service

/// `mjn account resolve`.
struct AccountResolve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Says that a DID's chain is the right one: payouts to it, and its signatures, go on.",
        discussion: """
            When a second chain claims a DID, payouts to it are frozen; when an operation did not follow from its \
            chain, nobody signs for it. Find out first, over another way than messages signed with its keys. The chain \
            that is kept is the one that is bound: the first stays for ever. Where the other one is the holder's, the \
            DID is lost: freeze it, and the holder goes on under a new one.

            A broken chain's last operation is asked for as another relay has it (mjn chain show did:dfos:… \
            --relay …): a rotation that was not understood here must not be passed over.

            Running nodes follow within seconds. Doing it again changes nothing.

            Example: mjn account resolve did:imajin:… --keep did:dfos:… --reason "holder confirmed by phone"
            Example: mjn account resolve did:imajin:… --keep did:dfos:… --head bafy… --reason "the relay served a fork"
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "Whose chain.")
    var did: DID

    @Option(help: "The chain that is kept: the one that mjn chain show --did names.")
    var keep: DFOSDID

    @Option(help: "The chain's last operation, when the chain is broken.")
    var head: CID?

    @Option(help: "Why, for the audit log.")
    var reason: String

    func validate() throws { try RestrictionOptions.check(reason) }

    func run() async throws {
        let resolution = IdentityResolution(
            did: did, kept: keep, head: head, reason: reason, actor: Operator.name)
        let outcome = try await withLedger(node) { session in
            let now = session.clock()
            return try await session.store.resolve(resolution, auditID: "aud_" + ULID.text(nowMs: now), nowMs: now)
        }
        switch outcome {
        case .resolved(let conflict, let isBreak): try write(conflict: conflict, isBreak: isBreak)
        case .nothingInDoubt: try write(conflict: false, isBreak: false)
        case .unbound:
            throw CLIFailure("no chain is bound to \(did)", fix: "look at it with: mjn chain show --did \(did)")
        case .otherChain(let bound):
            throw CLIFailure(
                "\(did) is bound to \(bound), and the first chain stays",
                fix: "if that chain is not the holder's, freeze the DID: mjn account freeze \(did) --reason …")
        case .otherHead(let known):
            throw CLIFailure(
                "the chain is broken, and its last operation here is \(known)",
                fix: "compare it with another relay's: mjn chain show \(keep) --relay …; if it is the last there too, "
                    + "give --head \(known); else wait for the relay to bring what is wanting")
        }
    }

    private func write(conflict: Bool, isBreak: Bool) throws {
        var out = JSONWriter()
        out.beginObject()
        out.field("did", did.string)
        out.field("kept", keep.string)
        out.field("conflict_resolved", conflict)
        out.field("break_mended", isBreak)
        out.endObject()
        try StandardOutput.write(out.bytes + [UInt8(ascii: "\n")])
    }
}
