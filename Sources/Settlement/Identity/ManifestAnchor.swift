public import Cryptography
import Kernel
public import ProofChain

/// A chain's statement that a manifest exists: where it stands in the log shows that the manifest came before whatever
/// stands behind it.
///
/// Two operations are one: an artifact whose content is `{"$schema": ManifestAnchor.schema, "manifest": "<cid>"}`, and
/// an operation of a content chain whose `documentCID` is a manifest's CID. Other members do not matter.
public struct ManifestAnchor: Hashable, Sendable {
    /// The `$schema` of an anchor.
    public static let schema = "https://imajin.ai/schemas/manifest-anchor/v1"

    /// The manifest.
    public let manifest: CID
    /// Whose statement it is.
    public let author: DFOSDID
    /// Its place in the log.
    public let position: Int64

    /// An anchor.
    public init(manifest: CID, author: DFOSDID, position: Int64) {
        self.manifest = manifest
        self.author = author
        self.position = position
    }

    /// Reads an operation as an anchor, verified under its author's keys as they stand there in the log.
    ///
    /// Nil for everything else: another kind, another subject, an author who is not known, a signature that is not
    /// his. Of a content chain only this one statement is looked at; whether the chain holds together is nobody's
    /// concern here.
    public init?(_ operation: SignedOperation, identities: some IdentityResolver, position: Int64) {
        let text: String?
        let author: DFOSDID
        switch operation.kind {
        case .artifact:
            guard let artifact = try? Artifact(verifying: operation, identities: identities, keys: .current),
                artifact.schema.utf8.elementsEqual(Self.schema.utf8)
            else { return nil }
            (text, author) = (artifact.content["manifest"]?.string, artifact.author)
        case .content:
            guard let step = try? ContentOperation(operation), Self.isSigned(operation, by: step.author, identities)
            else { return nil }
            switch step.action {
            case .create(let document): text = document
            case .update(let document): text = document
            case .delete: text = nil
            }
            author = step.author
        default: return nil
        }
        guard let manifest = text.flatMap({ try? CID($0) }), manifest.codec == .raw else { return nil }
        self.init(manifest: manifest, author: author, position: position)
    }

    private static func isSigned(
        _ operation: SignedOperation, by author: DFOSDID, _ identities: some IdentityResolver
    ) -> Bool {
        guard let reference = try? KeyReference(operation.kid ?? ""), reference.did == author,
            let key = try? identities.publicKey(reference, .current)
        else { return false }
        return (try? operation.checkSignature(key)) != nil && (try? operation.checkCID()) != nil
    }
}
