import Cryptography
import Service

/// How the index's rows are written, and the cursor after each.
extension IdentityRow {
    func write(to out: inout JSONWriter) {
        out.beginObject()
        out.field("did", did)
        out.field("headCID", headCID)
        out.field("opCount", Int(operationCount))
        out.field("genesisAt", genesisAt)
        out.field("headAt", headAt)
        out.field("isDeleted", isDeleted)
        out.key("profile")
        if let profile {
            out.beginObject()
            out.field("anchor", profile.anchor)
            out.field("publicRead", profile.isPublic)
            out.field("docSchema", profile.docSchema)
            out.field("name", profile.name)
            out.endObject()
        } else {
            out.null()
        }
        out.endObject()
    }

    func cursor(in order: IndexOrder) -> String {
        switch order.column {
        case nil: did
        case .genesisAt: OrderedCursor(rank: genesisAt, key: did).text
        default: OrderedCursor(rank: headAt, key: did).text
        }
    }
}

extension ContentRow {
    func write(to out: inout JSONWriter) {
        out.beginObject()
        out.field("contentId", contentID)
        out.field("genesisCID", genesisCID)
        out.field("headCID", headCID)
        out.field("creatorDID", creatorDID)
        out.field("isDeleted", isDeleted)
        out.field("opCount", Int(operationCount))
        out.field("genesisAt", genesisAt)
        out.field("headAt", headAt)
        out.field("currentDocumentCID", documentCID)
        out.field("publicRead", isPublic)
        out.field("docSchema", docSchema)
        out.field("title", title)
        out.endObject()
    }

    func cursor(in order: IndexOrder) -> String {
        switch order.column {
        case nil: contentID
        case .genesisAt: OrderedCursor(rank: genesisAt, key: contentID).text
        default: OrderedCursor(rank: headAt, key: contentID).text
        }
    }
}

extension CreditRow {
    func write(to out: inout JSONWriter) {
        out.beginObject()
        out.field("contentId", contentID)
        out.field("did", did)
        out.field("role", role)
        out.field("position", Int(ordinal))
        out.field("hasClaim", hasClaim)
        out.endObject()
    }

    var cursor: String { OrderedCursor(rank: contentID, key: String(ordinal)).text }
}

extension ArtifactRow {
    func write(to out: inout JSONWriter) {
        out.beginObject()
        out.field("cid", cid)
        out.field("signerDID", signerDID)
        out.field("createdAt", createdAt)
        out.field("ingestedAt", Timestamp.text(ofMilliseconds: ingestedAtMs))
        out.field("docSchema", docSchema)
        out.endObject()
    }

    func cursor(in order: IndexOrder) -> String {
        switch order.column {
        case nil: cid
        case .createdAt: OrderedCursor(rank: createdAt, key: cid).text
        default: OrderedCursor(rank: String(ingestedAtMs), key: cid).text
        }
    }
}

extension WitnessRow {
    func write(to out: inout JSONWriter) {
        out.beginObject()
        out.field("cid", cid)
        out.field("targetCID", targetCID)
        out.field("relation", relation)
        out.field("jwsToken", token)
        out.endObject()
    }

    func cursor(in order: IndexOrder) -> String {
        switch order.column {
        case nil: cid
        case .createdAt: OrderedCursor(rank: createdAt, key: cid).text
        default: OrderedCursor(rank: String(ingestedAtMs), key: cid).text
        }
    }
}

extension CredentialRow {
    func write(to out: inout JSONWriter) {
        out.beginObject()
        out.field("cid", cid)
        out.field("issuerDID", issuerDID)
        out.field("aud", "*")
        out.field("att", raw: attenuations.utf8)
        out.field("exp", expiresAt)
        out.field("jwsToken", token)
        out.endObject()
    }
}

extension OperationRow {
    func write(to out: inout JSONWriter) {
        out.beginObject()
        out.field("cid", cid)
        out.field("kind", kind)
        out.field("chainId", chainID)
        out.field("createdAt", createdAt)
        out.field("ingestedAt", Timestamp.text(ofMilliseconds: ingestedAtMs))
        out.endObject()
    }

    func cursor(in order: IndexOrder) -> String {
        order.column == .createdAt
            ? OrderedCursor(rank: createdAt, key: cid).text
            : OrderedCursor(rank: String(ingestedAtMs), key: cid).text
    }
}
