import Cryptography
import ProofChain

/// What became of one operation.
public struct IngestResult: Sendable, Hashable {
    /// The verdict.
    public enum Status: String, Sendable, Hashable {
        /// Verified, stored and in the log.
        case new
        /// Known before, or, of a countersignature, one of the same witness for the same target.
        case duplicate
        /// Not taken.
        case rejected
    }

    /// The operation's CID by its payload; empty when it cannot be read.
    public let cid: String
    /// The verdict.
    public let status: Status
    /// Its kind, in the protocol's words; nil when rejected.
    public let kind: String?
    /// The chain that it belongs to; nil when rejected.
    public let chainID: String?
    /// Why it was rejected.
    public let error: String?
    /// Whether it was rejected for something that may still arrive; then it waits, and need not be sent again.
    public var isDependencyMissing: Bool { dependency != nil }
    /// The DID or CID that it waits for.
    let dependency: String?

    static func accepted(_ status: Status, _ cid: CID, _ kind: OperationKind, _ chainID: String) -> IngestResult {
        IngestResult(
            cid: cid.string, status: status, kind: kind.relayName, chainID: chainID, error: nil, dependency: nil)
    }

    static func rejected(_ cid: CID?, _ error: String, waitsFor dependency: String? = nil) -> IngestResult {
        IngestResult(
            cid: cid?.string ?? "", status: .rejected, kind: nil, chainID: nil, error: error, dependency: dependency)
    }

    /// `{cid, status, kind?, chainId?, error?, dependencyMissing?}`.
    func write(to out: inout JSONWriter) {
        out.beginObject()
        out.field("cid", cid)
        out.field("status", status.rawValue)
        if let kind { out.field("kind", kind) }
        if let chainID { out.field("chainId", chainID) }
        if let error { out.field("error", error) }
        if isDependencyMissing { out.field("dependencyMissing", true) }
        out.endObject()
    }
}
