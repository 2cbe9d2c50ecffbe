import Cryptography
import Kernel
import ProofChain

extension CLIFailure {
    /// An operation that the protocol's rules forbid. Nothing was written.
    init(refused error: ProofError) {
        self.init(
            "\(error.code.rawValue): \(Terminal.printable(error.reason))",
            fix: "see the chain as it stands: mjn chain show FILE")
    }
}

/// What came of making an operation.
struct ChainReport {
    let chain: IdentityChain
    let file: String
    /// What was done, for people.
    let done: String

    func write(_ format: ResultFormat) throws {
        switch format {
        case .json: try StandardOutput.write(json + [UInt8(ascii: "\n")])
        case .table: for line in lines(.output) { try StandardOutput.line(line) }
        }
    }

    private var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("did", chain.state.did.string)
        json.field("binds", chain.boundDID?.string)
        json.field("head_cid", chain.state.headCID)
        json.field("operations", chain.state.operationCount)
        json.field("deleted", chain.state.isDeleted)
        json.object("operation") { json in
            json.field("type", chain.operations.last?.type)
            json.field("created_at", chain.state.lastCreatedAt.string)
        }
        json.field("file", file)
        json.endObject()
        return json.bytes
    }

    private func lines(_ style: Style) -> [String] {
        [
            style.green("✓ ") + done + style.dim("  operation \(chain.state.operationCount) in \(file)"),
            "  identity  \(chain.state.did)",
            "  binds     \(chain.boundDID?.string ?? "nothing")",
            "  head      \(chain.state.headCID)",
            style.dim("  for others to see it: mjn chain publish \(file)"),
        ]
    }
}

/// A controller's key at hand, which can sign the next operation of a chain.
struct ControllerKey {
    let key: Ed25519PrivateKey
    let id: KeyID

    /// - Throws: exit code 65 when the key is no controller of the chain now, and when it ceased to be one.
    init(_ key: Ed25519PrivateKey, of chain: IdentityChain, named path: String) throws(CLIFailure) {
        guard let entry = chain.state.keys.controller.first(where: { $0.isKey(key.publicKey) }) else {
            throw CLIFailure(
                "\(path) is no controller key of \(chain.state.did)\(Self.history(of: key.publicKey, in: chain.state))",
                fix: "sign with one of its controller keys: mjn chain show FILE lists them",
                exitCode: ExitStatus.badInput)
        }
        self.key = key
        id = entry.id
    }

    private static func history(of key: Ed25519PublicKey, in state: IdentityState) -> String {
        guard let record = state.history.records.last(where: { $0.key.isKey(key) }) else {
            return ": it never was a key"
        }
        if let retiredAt = record.retiredAt { return ": it was retired at \(retiredAt)" }
        return ": it has the roles \(record.periods.last?.roles.names.joined(separator: ", ") ?? "none") only"
    }

    /// Signs for the chain's identity.
    func signer(for chain: IdentityChain) -> OperationSigner {
        OperationSigner(did: chain.state.did, keyID: id, privateKey: key)
    }
}
