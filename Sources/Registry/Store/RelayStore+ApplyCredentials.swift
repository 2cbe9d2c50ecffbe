import Cryptography
import PostgresClient
import ProofChain

extension RelayStore {
    static func writeCredentials(_ changes: RelayChanges, _ connection: Connection) throws {
        try writePublicCredentials(changes.credentials, connection)
        try writeGrants(changes.grants, connection)
        guard !changes.revocations.isEmpty else { return }
        try connection.query(
            upsertRevocations,
            [
                .texts(changes.revocations.map(\.revoked.issuerDID)),
                .texts(changes.revocations.map(\.revoked.credentialCID)), .texts(changes.revocations.map(\.cid)),
                .texts(changes.revocations.map(\.createdAt)),
            ])
    }

    private static func writePublicCredentials(
        _ credentials: [RelayChanges.NewCredential], _ connection: Connection
    ) throws {
        guard !credentials.isEmpty else { return }
        try connection.query(
            insertCredentials,
            [
                .texts(credentials.map(\.cid)), .texts(credentials.map(\.issuerDID)),
                .int8s(credentials.map(\.expiresAt)), .texts(credentials.map(\.attenuationsJSON)),
            ])
        let entries = credentials.flatMap { credential in
            credential.attenuations.enumerated().map { (cid: credential.cid, ordinal: $0.offset, entry: $0.element) }
        }
        try connection.query(
            insertAttenuations,
            [
                .texts(entries.map(\.cid)), .int4s(entries.map { Int32(clamping: $0.ordinal) }),
                .texts(entries.map { StoredText.encode($0.entry.resource) }),
                .texts(entries.map { StoredText.encode($0.entry.action) }),
            ])
    }

    private static func writeGrants(_ grants: [RelayChanges.NewGrant], _ connection: Connection) throws {
        guard !grants.isEmpty else { return }
        let opened = grants.flatMap { grant in grant.resources.map { (grant: grant, resource: $0) } }
        try connection.query(
            insertGrants,
            [
                .texts(opened.map(\.grant.rootDID)), .texts(opened.map(\.resource)), .texts(opened.map(\.grant.cid)),
                .int8s(opened.map(\.grant.notBefore)), .int8s(opened.map(\.grant.expiresAt)),
            ])
        let links = grants.flatMap { grant in grant.links.map { (cid: grant.cid, link: $0) } }
        try connection.query(
            insertGrantLinks,
            [
                .texts(links.map(\.cid)), .texts(links.map(\.link.credentialCID)),
                .texts(links.map(\.link.issuerDID)),
            ])
    }
}

extension RelayChanges.NewCredential {
    /// `[{"resource":…,"action":…}]`: other members of an entry are not shown.
    var attenuationsJSON: String {
        var out = JSONWriter()
        out.beginArray()
        for entry in attenuations {
            out.beginObject()
            out.field("resource", entry.resource)
            out.field("action", entry.action)
            out.endObject()
        }
        out.endArray()
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
