import Cryptography
import IdentityDouble
import Kernel
import Pay
import ProofChain
import Settlement
import Synchronization

/// A copy of identities as a node follows it, without the relay: a test says what the log has, and when it is read.
final class FollowedIdentities: Sendable {
    let copy = ScriptedIdentities()
    let manifests = ManifestCache()
    let directory: IdentityDirectory
    private let chains = Mutex<[DID: ScriptedIdentity]>([:])

    init() {
        directory = IdentityDirectory(reading: copy, clock: { 0 }, isNamed: { $0 == Person.node.did })
        directory.begin(bound: [])
        setFresh(true)
    }

    /// Whether the relay answers.
    func setFresh(_ isFresh: Bool) { directory.setFresh(untilMs: isFresh ? .max : -1) }

    /// Gives somebody a chain, which his own key begins.
    func begin(_ person: Person, atMs: Int64) throws {
        let chain = try ScriptedIdentity(person.key)
        chains.withLock { $0[person.did] = chain }
        try follow(chain, atMs: atMs)
    }

    /// Gives a chain another key, and returns its owner under that key.
    func rotate(
        _ person: Person, to number: UInt8, with others: [Ed25519PublicKey] = [], atMs: Int64
    ) throws -> Person {
        let key = try ScriptedIdentity.key(number)
        let chain = try chains.withLock { chains in
            guard var chain = chains[person.did] else { throw ProofError(.identityUnknown) }
            try chain.rotate(
                to: key, with: others, atMs: max(atMs, chain.state.lastCreatedAt.millisecondsSinceEpoch + 1))
            chains[person.did] = chain
            return chain
        }
        try follow(chain, atMs: atMs)
        return Person(person, with: key)
    }

    /// As a sync does: the directory first, then what stood on the keys.
    private func follow(_ chain: ScriptedIdentity, atMs: Int64) throws {
        let authority = try copy.put(chain, seenAtMs: atMs)
        directory.apply([authority])
        manifests.removeAll(signedBy: [authority.did])
    }
}
