import Cryptography
import Service

/// A W3C DID document in the envelope of a DID resolution, made of an identity's state.
///
/// Source: DFOS DID-METHOD, resolution; W3C DID Resolution.
enum DIDResolution {
    private static let roles: [(member: String, relation: String)] = [
        ("authKeys", "authentication"), ("assertKeys", "assertionMethod"), ("controllerKeys", "capabilityInvocation"),
    ]

    /// The refusal's envelope.
    static func failure(_ status: Int, _ error: String) -> Reply {
        .json(status) { out in
            out.beginObject()
            out.key("didDocument")
            out.null()
            out.object("didResolutionMetadata") { $0.field("error", error) }
            out.object("didDocumentMetadata") { _ in }
            out.endObject()
        }
    }

    /// - Throws: `internal_error` when the stored state is not one.
    static func reply(_ identity: IdentityRecord) throws(Problem) -> Reply {
        guard
            let state = try? JSONDocument(
                parsing: Array(identity.state.utf8), limits: JSONLimits(depth: 256, members: 200_000, bytes: 8 << 20))
        else { throw Problem(.internalError) }
        let isDeleted = state.root["isDeleted"]?.bool ?? false
        return .json { out in
            out.beginObject()
            out.field("@context", "https://w3id.org/did-resolution/v1")
            out.object("didDocument") { write(state.root, did: identity.did, isDeleted: isDeleted, to: &$0) }
            out.object("didResolutionMetadata") { $0.field("contentType", "application/did+ld+json") }
            out.object("didDocumentMetadata") { out in
                out.field("created", identity.genesisAt)
                out.field("updated", identity.headAt)
                out.field("deactivated", isDeleted)
                out.field("operationCount", Int(identity.operationCount))
            }
            out.endObject()
        }
    }

    private static func write(_ state: JSONValue, did: String, isDeleted: Bool, to out: inout JSONWriter) {
        out.field("@context", ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"])
        out.field("id", did)
        out.field("controller", did)
        guard !isDeleted else {
            out.array("verificationMethod") { _ in }
            return
        }
        writeMethods(state, did, &out)
        for (member, relation) in roles {
            out.array(relation) { out in
                guard let keys = state[member] else { return }
                for key in keys.elements { out.string(did + "#" + (key["id"]?.string ?? "")) }
            }
        }
        writeServices(state, did, &out)
    }

    private static func writeMethods(_ state: JSONValue, _ did: String, _ out: inout JSONWriter) {
        // Names are compared as bytes; Swift's strings are not.
        var seen: Set<[UInt8]> = []
        out.array("verificationMethod") { out in
            for (member, _) in roles {
                guard let keys = state[member] else { continue }
                for key in keys.elements {
                    guard let id = key["id"]?.string, seen.insert(Array(id.utf8)).inserted else { continue }
                    out.beginObject()
                    out.field("id", did + "#" + id)
                    out.field("type", "Multikey")
                    out.field("controller", did)
                    out.field("publicKeyMultibase", key["publicKeyMultibase"]?.string ?? "")
                    out.endObject()
                }
            }
        }
    }

    private static func writeServices(_ state: JSONValue, _ did: String, _ out: inout JSONWriter) {
        guard let services = state["services"], services.count > 0 else { return }
        out.array("service") { out in
            for service in services.elements {
                out.beginObject()
                out.field("id", did + "#" + (service["id"]?.string ?? ""))
                if service["type"]?.stringEquals("DfosRelay") == true {
                    out.field("type", "DfosRelay")
                    out.field("serviceEndpoint", service["endpoint"]?.string ?? "")
                } else if service["type"]?.stringEquals("ContentAnchor") == true {
                    out.field("type", "ContentAnchor")
                    out.field("serviceEndpoint", service["anchor"]?.string ?? "")
                    out.field("label", service["label"]?.string ?? "")
                } else {
                    for (name, value) in service.members where !name.utf8.elementsEqual("id".utf8) {
                        out.field(name, raw: value.rawBytes)
                    }
                }
                out.endObject()
            }
        }
    }
}
