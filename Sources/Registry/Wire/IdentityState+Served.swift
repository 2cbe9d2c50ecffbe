import Cryptography
import ProofChain

extension IdentityState {
    /// The state as the relay serves it: `{did, isDeleted, authKeys, assertKeys, controllerKeys, services}`.
    var servedJSON: String {
        var out = JSONWriter(reserving: 1024)
        out.beginObject()
        out.field("did", did.string)
        out.field("isDeleted", isDeleted)
        Self.write("authKeys", keys.auth, &out)
        Self.write("assertKeys", keys.assert, &out)
        Self.write("controllerKeys", keys.controller, &out)
        out.array("services") { out in for entry in services { out.value(.map(entry.members)) } }
        out.endObject()
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private static func write(_ name: String, _ keys: [Multikey], _ out: inout JSONWriter) {
        out.array(name) { out in
            for key in keys {
                out.beginObject()
                out.field("id", key.id.string)
                out.field("type", Multikey.type)
                out.field("publicKeyMultibase", key.publicKeyMultibase)
                out.endObject()
            }
        }
    }

    /// The content chain that the services anchor as the identity's profile; of several that of the least service id.
    var profileAnchor: String? {
        let anchors = services.compactMap { entry -> (id: String, chain: String)? in
            guard entry.isType(ServiceEntry.anchorType), entry.label?.lowercased() == "profile",
                case .chain(let chain) = entry.anchor
            else { return nil }
            return (entry.id, chain.string)
        }
        return anchors.min { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }?.chain
    }
}
