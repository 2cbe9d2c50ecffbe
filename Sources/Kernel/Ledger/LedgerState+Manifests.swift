import Cryptography

extension LedgerState {
    /// Records manifests by themselves; the reply names the first one's CID.
    mutating func recordManifests(_ manifests: [ManifestRecord]) throws(Refusal) -> Outcome {
        try checkOwners(of: manifests)
        record(manifests)
        var out = JSONWriter()
        out.beginObject()
        if let first = manifests.first { out.field("cid", first.cid) }
        out.endObject()
        return Outcome(status: 201, body: out.bytes, reference: manifests.first?.cid)
    }

    /// Who signs a manifest's id first keeps it, also within one list.
    func checkOwners(of manifests: [ManifestRecord]) throws(Refusal) {
        var signers: [String: String] = [:]
        for manifest in manifests {
            let known = manifestOwners[manifest.manifestID] ?? nil
            let signer = known ?? signers[manifest.manifestID] ?? manifest.signer
            guard signer == manifest.signer else {
                throw .manifestOwnerChanged(manifestID: manifest.manifestID, signer: signer)
            }
            signers[manifest.manifestID] = signer
        }
    }

    mutating func record(_ manifests: [ManifestRecord]) {
        for manifest in manifests {
            let before = manifestOwners[manifest.manifestID]
            manifestOwners[manifest.manifestID] = manifest.signer
            writes.manifests.append(manifest)
            undo?.append { state in
                state.manifestOwners[manifest.manifestID] = before
                state.writes.manifests.removeLast()
            }
        }
    }
}
