import Cryptography
import Kernel
import LedgerStore
import ProofChain
import Service
import Settlement

/// What the node's own copy of identities says about a DID.
struct BoundDIDReport {
    let did: DID
    /// Nil: no chain is bound, and the DID is its own key.
    let authority: DIDAuthority?

    private var payouts: PayoutStanding { authority?.payoutStanding ?? .unbound(did) }

    private var currentKeys: [Ed25519PublicKey] { authority?.currentKeys ?? did.publicKey.map { [$0] } ?? [] }

    /// Reads it from the node's database.
    static func read(_ did: DID, _ options: NodeOptions) async throws -> BoundDIDReport {
        let authority = try await withLedger(options, isReadOnly: true) { try await $0.store.authority(over: did) }
        return BoundDIDReport(did: did, authority: authority)
    }

    var json: [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("did", did.string)
        out.field("dfos_did", authority?.binding.identity.string)
        out.field("head_cid", authority?.headCID.string)
        out.field("deleted", authority?.isDeleted ?? false)
        out.array("current_keys") { out in for key in currentKeys { out.string(Multikey.encode(key)) } }
        out.array("retired_keys") { out in
            for retired in authority?.retiredKeys ?? [] {
                out.beginObject()
                out.field("key", Multikey.encode(retired.key))
                out.field("retired_at", Service.Timestamp.text(ofMilliseconds: retired.retiredAtMs))
                out.endObject()
            }
        }
        out.field("bound_at", (authority?.binding.moment.atMs).map { Service.Timestamp.text(ofMilliseconds: $0) })
        out.field("conflict", authority?.binding.conflict?.identity.string)
        let resolvedAtMs = authority?.binding.conflict?.resolvedAtMs
        out.field("conflict_resolved_at", resolvedAtMs.map { Service.Timestamp.text(ofMilliseconds: $0) })
        out.field("broken", authority?.isBroken ?? false)
        out.field("payouts_frozen", payouts.isFrozen)
        out.field("own_address_payable", payouts.ownAddressIsPayable)
        out.endObject()
        return out.bytes
    }

    /// Retired keys in the lines for people, those retired last; --format json has all.
    private static let retiredShownMax = 20

    func lines(_ style: Style) -> [String] {
        guard let authority else { return ["\(did)", "  no chain is bound: it is its own key"] }
        var lines = ["\(did)", "  bound to  \(authority.binding.identity)", "  head      \(authority.headCID)"]
        if authority.isDeleted { lines.append(style.red("  deleted") + ": nobody signs for it") }
        lines += authority.currentKeys.map { "  key       \(Multikey.encode($0))" }
        lines += authority.retiredKeys.prefix(Self.retiredShownMax).map {
            style.dim(
                "  retired   \(Multikey.encode($0.key)), "
                    + Service.Timestamp.text(ofMilliseconds: $0.retiredAtMs))
        }
        let hidden = authority.retiredKeys.count - Self.retiredShownMax
        if hidden > 0 { lines.append(style.dim("  retired   and \(hidden) more: --format json")) }
        if authority.isBroken {
            lines.append(
                style.red("  broken") + "  an operation did not follow from the head: nobody is known to sign for it")
        }
        if let conflict = authority.binding.conflict {
            let end =
                conflict.resolvedAtMs.map { "resolved \(Service.Timestamp.text(ofMilliseconds: $0))" }
                ?? (payouts.isFrozen ? "payouts are frozen" : "the first key was retired before: nothing is frozen")
            let word = conflict.resolvedAtMs == nil ? style.red("  conflict") : "  conflict"
            lines.append(word + "  \(conflict.identity) claims it too; \(end)")
        }
        return lines
    }
}
