import Cryptography
import ProofChain

/// The story for scripts.
extension ChainStory {
    /// One object: the identity as it stands, its keys over time, its operations.
    var json: [UInt8] {
        let state = chain.state
        var json = JSONWriter()
        json.beginObject()
        json.field("did", state.did.string)
        json.field("binds", chain.boundDID?.string)
        json.field("deleted", state.isDeleted)
        json.field("created_at", state.createdAt.string)
        json.field("updated_at", state.lastCreatedAt.string)
        json.field("head_cid", state.headCID)
        json.object("keys") { json in
            json.array("auth") { Self.write(state.keys.auth, to: &$0) }
            json.array("assert") { Self.write(state.keys.assert, to: &$0) }
            json.array("controller") { Self.write(state.keys.controller, to: &$0) }
        }
        json.array("key_history") { json in
            for record in state.history.records { Self.write(record, to: &json) }
        }
        Self.write(state.services, to: &json)
        json.array("operations") { json in
            for step in steps { Self.write(step, to: &json) }
        }
        json.endObject()
        return json.bytes
    }

    private static func write(_ keys: [Multikey], to json: inout JSONWriter) {
        for key in keys {
            json.beginObject()
            write(key, to: &json)
            json.endObject()
        }
    }

    private static func write(_ key: Multikey, to json: inout JSONWriter) {
        json.field("id", key.id.string)
        json.field("multibase", key.publicKeyMultibase)
        json.field("did", key.keyDID?.string)
    }

    private static func write(_ record: KeyRecord, to json: inout JSONWriter) {
        json.beginObject()
        write(record.key, to: &json)
        json.field("retired_at", record.retiredAt?.string)
        json.array("periods") { json in
            for period in record.periods {
                json.beginObject()
                json.field("roles", period.roles.names)
                json.field("from", period.from.string)
                json.field("until", period.until?.string)
                json.endObject()
            }
        }
        json.endObject()
    }

    private static func write(_ services: [ServiceEntry], to json: inout JSONWriter) {
        json.array("services") { json in
            for entry in services { json.value(.map(entry.members)) }
        }
    }

    private static func write(_ step: Step, to json: inout JSONWriter) {
        json.beginObject()
        json.field("type", step.type)
        json.field("created_at", step.createdAt.string)
        json.field("cid", step.operation.cid)
        json.field("signed_by", step.signer.string)
        json.array("given") { json in
            for (key, roles, before) in step.given {
                json.beginObject()
                write(key, to: &json)
                json.field("roles", roles.names)
                json.field("roles_before", before.names)
                json.endObject()
            }
        }
        json.array("retired") { json in write(step.retired, to: &json) }
        if let services = step.services { write(services, to: &json) }
        json.endObject()
    }
}
