import ArgumentParser
import Cryptography
import Foundation
import Kernel
import ProofChain
import Service

/// What anchors a manifest: an artifact whose content names the manifest's CID.
enum ManifestAnchor {
    /// The content's `$schema`.
    static let schema = "https://imajin.ai/schemas/manifest-anchor/v1"
    /// The member with the CID.
    static let member = "manifest"

    /// The content as JSON.
    static func content(_ manifest: CID) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("$schema", schema)
        json.field(member, manifest)
        json.endObject()
        return json.bytes
    }
}

/// `mjn chain anchor`.
struct ChainAnchor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anchor",
        abstract: "Publishes that a manifest existed, in an identity's name.",
        discussion: """
            A relay keeps the anchor in its log, in order. When the key that signed the manifest is replaced later, \
            the anchor shows that the manifest is older than that, and its signature keeps counting. Where the relay \
            does not know the identity yet, its chain is sent first.

            Example: mjn chain anchor song.fair.json --chain me.chain.json --key me.jwk
            """)

    @Argument(help: "The manifest; - reads standard input.")
    var manifest: String

    @Option(help: "The identity's chain.")
    var chain: String

    @Option(help: "One of its current private keys, a JWK file.")
    var key: String

    @Option(help: "A file to keep the anchor's token in.")
    var out: String?

    @OptionGroup var relay: RelayOptions

    @OptionGroup var output: ResultFormatOptions

    func run() async throws {
        let cid = try manifestCID()
        let identity = try ChainFile.read(chain)
        let anchor = try signed(cid, identity)
        if let out, access(out, F_OK) == 0 {
            throw CLIFailure("\(out) exists, and is not written over", fix: "choose another path")
        }
        let client = try relay.client()
        var receipt = try await client.submit([anchor.token]).first
        if receipt?.isDependencyMissing == true {
            let refused = try await Publication.run(identity, to: client).first { !$0.isTaken }
            if let refused {
                throw CLIFailure(
                    "\(client.base) refused the chain: \(Terminal.printable(refused.error ?? refused.status))",
                    fix: "see: mjn chain publish \(chain)")
            }
            standardError("mjn: the relay did not know \(identity.state.did) as it stands: its chain was sent")
            receipt = try await client.submit([anchor.token]).first
        }
        guard let receipt, receipt.isTaken else {
            throw CLIFailure(
                "\(client.base) refused: \(Terminal.printable(receipt?.error ?? "no reason given"))",
                fix: "compare your chain with what it holds: mjn chain publish \(chain)")
        }
        if let out { try AtomicFile.create(out, Array((anchor.token + "\n").utf8)) }
        try write(manifest: cid, anchor: anchor, identity.state.did, status: Terminal.printable(receipt.status))
    }

    private func manifestCID() throws(CLIFailure) -> CID {
        let document = try InputFile.json(manifest)
        do throws(ManifestError) {
            return try Manifest.parse(document.root).cid
        } catch {
            throw CLIFailure(
                "\(InputFile.name(manifest)) is no manifest: \(error.reason)", fix: "correct the file",
                exitCode: ExitStatus.badInput)
        }
    }

    private func signed(_ cid: CID, _ identity: IdentityChain) throws(CLIFailure) -> SignedOperation {
        let privateKey = try KeyFile.readPrivate(key)
        guard let name = identity.currentName(of: privateKey.publicKey), !identity.state.isDeleted else {
            let why = identity.state.isDeleted ? "is deleted" : "does not list this key now"
            throw CLIFailure(
                "\(key) does not speak for \(identity.state.did), which \(why)",
                fix: "sign with one of its current keys: mjn chain show \(chain)", exitCode: ExitStatus.badInput)
        }
        let signer = OperationSigner(did: identity.state.did, keyID: name, privateKey: privateKey)
        do throws(ProofError) {
            let nowMs = max(SystemClock.milliseconds(), identity.state.lastCreatedAt.millisecondsSinceEpoch)
            return try signer.artifact(
                content: ManifestAnchor.content(cid), createdAt: try ProofChain.Timestamp(millisecondsSinceEpoch: nowMs)
            )
        } catch {
            throw CLIFailure(refused: error)
        }
    }

    private func write(manifest: CID, anchor: SignedOperation, _ did: DFOSDID, status: String) throws {
        guard output.chosen == .json else {
            let style = Style.output
            try StandardOutput.line(style.green("✓ anchored") + " " + style.bold(InputFile.name(self.manifest)))
            try StandardOutput.line("  manifest  \(manifest)")
            try StandardOutput.line("  anchor    \(anchor.cid)")
            try StandardOutput.line("  identity  \(did)")
            return
        }
        var json = JSONWriter()
        json.beginObject()
        json.field("manifest", manifest)
        json.field("anchor", anchor.cid)
        json.field("did", did.string)
        json.field("created_at", anchor.createdAt?.string)
        json.field("status", status)
        json.field("token", anchor.token)
        json.endObject()
        try StandardOutput.write(json.bytes + [UInt8(ascii: "\n")])
    }
}
