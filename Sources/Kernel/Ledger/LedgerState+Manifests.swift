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
        var signers: [ByteText: String] = [:]
        for manifest in manifests {
            let id = ByteText(manifest.manifestID)
            let known = manifestOwners[id] ?? nil
            let signer = known ?? signers[id] ?? manifest.signer
            guard signer == manifest.signer else {
                throw .manifestOwnerChanged(manifestID: manifest.manifestID, signer: signer)
            }
            signers[id] = signer
        }
    }

    mutating func record(_ manifests: [ManifestRecord]) {
        for manifest in manifests {
            let id = ByteText(manifest.manifestID)
            let before = manifestOwners[id]
            manifestOwners[id] = manifest.signer
            writes.manifests.append(manifest)
            undo?.append { state in
                state.manifestOwners[id] = before
                state.writes.manifests.removeLast()
            }
        }
    }
}
