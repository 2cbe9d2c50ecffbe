import ArgumentParser
import Cryptography
import Kernel

/// `mjn fair split`.
struct FairSplit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Splits an amount by a manifest, to the last minor unit, without fees.",
        discussion: """
            Exits 1 when the manifest is invalid. One without a signature is split as if its owner, or else its first \
            contributor, had signed it: a message says so.

            Example: mjn fair split song.fair.json --amount 10000 --currency USD
            """)

    @Argument(help: "The manifest; - reads standard input.")
    var file: String

    @OptionGroup var money: AmountOptions

    @Option(help: "The settlement's type, where the manifest has lists for single rights.")
    var type: String?

    @OptionGroup var chain: ChainOptions

    @OptionGroup var output: FormatOptions

    func run() throws {
        let known = try chain.manifests()
        let document = try InputFile.json(file)
        let split: Split
        do {
            let verified = try Draft.verified(document.root, known: known) { standardError("mjn: " + $0) }
            let plan = try SplitPlan(verified, right: type)
            // Fees are a node's: here the whole amount is split.
            split = try Split(grossMinor: money.amount, plan: plan, fees: .none, buyer: verified.signer)
        } catch let error as ManifestError {
            throw CLIFailure(
                "\(InputFile.name(file)) is invalid: \(error.code): \(error.reason)",
                fix: "correct the manifest, and sign it again", exitCode: ExitStatus.failed)
        } catch let error as MoneyError {
            throw CLIFailure(
                "\(error.code): \(error.reason)", fix: "give another amount", exitCode: ExitStatus.badInput)
        }
        if output.chosen == .json { try writeObject(split) } else { try writeRows(split) }
    }

    private func writeObject(_ split: Split) throws {
        var json = JSONWriter()
        json.beginObject()
        json.array("splits") { json in
            for line in split.lines {
                json.beginObject()
                json.field("did", line.did)
                json.field("role", line.role)
                json.field("weight", line.weightText)
                json.field("amount", line.amountMinor)
                json.field("via", line.via.map(\.string))
                json.endObject()
            }
        }
        json.field("residual", split.residualMinor)
        json.field("total", split.grossMinor)
        json.endObject()
        try StandardOutput.write(json.bytes + [UInt8(ascii: "\n")])
    }

    private func writeRows(_ split: Split) throws {
        var listing = Listing(
            [
                .init(name: "did", isElastic: true), .init(name: "role"), .init(name: "weight", isRight: true),
                .init(name: "amount", isRight: true), .init(name: "via", isElastic: true),
            ], format: output.chosen)
        for line in split.lines {
            try listing.add([
                .text(line.did.string), .text(line.role), .text(line.weightText),
                .money(Int128(line.amountMinor), currency: money.currency.code), .texts(line.via.map(\.string)),
            ])
        }
        try listing.finish()
        if output.chosen == .table {
            let total = Decimal.text(split.grossMinor, currency: money.currency.code)
            let residual = Decimal.text(split.residualMinor, currency: money.currency.code)
            try StandardOutput.line(Style.output.dim("total \(total), of it residual \(residual)"))
        }
    }
}

/// Manifests that nobody has signed yet.
enum Draft {
    /// Verifies a manifest; one without a signature as if its owner, or else its first contributor, had signed it.
    /// - Parameter say: told when that was so.
    static func verified(
        _ value: JSONValue, known: [CID: Manifest], say: (String) -> Void
    ) throws -> VerifiedManifest {
        let manifest = try Manifest.parse(value)
        guard case .absent = manifest.signature, let signer = manifest.owner ?? firstKey(of: manifest) else {
            return try ManifestVerifier.verify(manifest, resolving: { known[$0] })
        }
        let key = Ed25519PrivateKey()
        let signed = try ManifestSigner.sign(value, key: key, signer: signer)
        let verified = try ManifestVerifier.verify(
            Manifest.parse(JSONDocument(parsing: signed).root), resolving: { known[$0] },
            keys: Keys(signer: signer, draft: key.publicKey))
        say("the manifest is not signed: split as if \(signer) had signed it; a node would refuse it")
        return verified
    }

    private static func firstKey(of manifest: Manifest) -> DID? {
        manifest.contributors.lazy.compactMap(\.did).first
    }

    private struct Keys: KeyResolver {
        let signer: DID
        let draft: Ed25519PublicKey

        func keys(for did: DID) -> KeyLookup {
            let own = did.publicKey.map { [$0] } ?? []
            if did == signer { return .keys([draft] + own) }
            return own.isEmpty ? .unknown : .keys(own)
        }
    }
}
