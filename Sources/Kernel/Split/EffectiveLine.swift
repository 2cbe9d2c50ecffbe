public import Cryptography

/// One line of a flattened manifest: who gets which exact part of the whole, and through which manifests.
public struct EffectiveLine: Hashable, Sendable {
    /// The role that a manifest's residual is reported under.
    public static let residualRole = "residual"

    /// Who the line names: a DID, or a legacy name that cannot be paid. Never a manifest: those are flattened away.
    public let payee: Payee
    /// The contributor's role, or ``residualRole``.
    public let role: String
    /// The exact part of the whole.
    public let weight: Ratio
    /// The manifests that the share passed through, outermost first; empty for the root's own lines.
    public let via: [CID]
    /// Whether this is what a manifest's weights left over.
    public let isResidual: Bool

    /// Who a line names.
    public enum Payee: Hashable, Sendable {
        /// A DID of any method.
        case did(DID)
        /// A legacy name, or a string that is not a well-formed DID.
        case name(String)
    }
}
