/// The keys of an identity at one operation, by role. An operation that sets them replaces all three lists.
public struct KeySet: Hashable, Sendable {
    /// Keys that authenticate.
    public let auth: [Multikey]
    /// Keys that sign statements.
    public let assert: [Multikey]
    /// Keys that sign the identity's own operations.
    public let controller: [Multikey]

    /// Takes the lists as they stand.
    public init(auth: [Multikey], assert: [Multikey], controller: [Multikey]) {
        self.auth = auth
        self.assert = assert
        self.controller = controller
    }

    /// One key in all three roles.
    public init(all key: Multikey) {
        self.init(auth: [key], assert: [key], controller: [key])
    }

    /// The list of one role.
    public subscript(role: KeyRoles) -> [Multikey] {
        switch role {
        case .auth: auth
        case .assert: assert
        default: controller
        }
    }

    /// The first key of that name, whatever its role; nil when there is none.
    public func key(_ id: KeyID) -> Multikey? {
        for role in KeyRoles.each {
            if let key = self[role].first(where: { $0.id == id }) { return key }
        }
        return nil
    }

    /// Every key once, by name, in the order of a DID document: auth, assert, controller.
    public var distinct: [Multikey] {
        var seen: Set<KeyID> = []
        return (auth + assert + controller).filter { seen.insert($0.id).inserted }
    }

    /// Refuses a role with too many keys or with one name twice. Throws `keysTooMany`, `keyRepeated`.
    func check() throws(ProofError) {
        for role in KeyRoles.each {
            let keys = self[role]
            guard keys.count <= ProofLimits.keysPerRole else { throw ProofError(.keysTooMany, String(keys.count)) }
            var seen: Set<KeyID> = []
            for key in keys where !seen.insert(key.id).inserted { throw ProofError(.keyRepeated, key.id.string) }
        }
    }
}
