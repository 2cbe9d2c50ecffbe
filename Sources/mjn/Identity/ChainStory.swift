import Cryptography
import ProofChain

/// An identity chain as a person reads it: what each operation changed.
struct ChainStory {
    /// One operation.
    struct Step {
        let operation: SignedOperation
        let createdAt: ProofChain.Timestamp
        /// What the chain calls the key that signed it.
        let signer: KeyID
        /// Keys that it listed first or again, and keys whose roles it changed, with the roles since.
        let given: [(key: Multikey, roles: KeyRoles, before: KeyRoles)]
        /// Keys that it took from every role.
        let retired: [Multikey]
        /// The services since, where it changed them.
        let services: [ServiceEntry]?

        var type: String { operation.type ?? "" }
    }

    let chain: IdentityChain
    let steps: [Step]

    /// Reads a verified chain once more, step by step.
    init(_ chain: IdentityChain) throws(ProofError) {
        self.chain = chain
        var steps: [Step] = []
        steps.reserveCapacity(chain.operations.count)
        var state: IdentityState?
        for operation in chain.operations {
            let next: IdentityState
            if let state {
                next = try state.extended(by: operation)
            } else {
                next = try IdentityState(genesis: operation)
            }
            steps.append(Self.step(operation, from: state, to: next))
            state = next
        }
        self.steps = steps
    }

    private static func step(_ operation: SignedOperation, from old: IdentityState?, to new: IdentityState) -> Step {
        let kid = operation.kid ?? ""
        let before = old.map { roles($0.keys) } ?? [:]
        let after = roles(new.keys)
        let given = new.keys.distinct.compactMap { key in
            let (then, now) = (before[key.id] ?? [], after[key.id] ?? [])
            return then == now ? nil : (key, now, then)
        }
        let retired = (old?.keys.distinct ?? []).filter { after[$0.id] == nil }
        let services = old?.services == new.services || (old == nil && new.services.isEmpty) ? nil : new.services
        return Step(
            operation: operation, createdAt: new.lastCreatedAt,
            signer: (try? KeyReference(kid))?.keyID ?? KeyID(kid), given: given, retired: retired, services: services)
    }

    private static func roles(_ keys: KeySet) -> [KeyID: KeyRoles] {
        var roles: [KeyID: KeyRoles] = [:]
        for (role, list) in [(KeyRoles.auth, keys.auth), (.assert, keys.assert), (.controller, keys.controller)] {
            for key in list { roles[key.id] = (roles[key.id] ?? []).union(role) }
        }
        return roles
    }
}
