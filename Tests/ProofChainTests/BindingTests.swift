import Cryptography
import ProofChain
import Testing
import TestMaterial

@Suite("Binding of DIDs that are keys")
struct BindingTests {
    private static let second = "2026-03-07T00:00:01.000Z"
    private static let third = "2026-03-07T00:00:02.000Z"

    @Test("the key that a DID is must have begun the chain, as a controller")
    func genesis() throws {
        var actor = try Actor(1)
        let did = DID(publicKey: actor.privateKey.publicKey)
        #expect(try IdentityBinding(did: did, state: actor.state).did == did)
        let later = try Actor.key(2).publicKey
        try actor.rotate(to: 2, at: Self.second)
        #expect(
            ProofError.Code.thrown { _ = try IdentityBinding(did: DID(publicKey: later), state: actor.state) }
                == .bindingKeyMissing, "a later controller binds nothing")
        #expect(try IdentityBinding(did: did, state: actor.state).state == actor.state, "the first one binds for good")
        let authOnly = try OperationSigner.createIdentity(
            keys: KeySet(auth: [Multikey(later)], assert: [], controller: [Multikey(actor.privateKey.publicKey)]),
            createdAt: actor.state.createdAt, keyID: Multikey(actor.privateKey.publicKey).id,
            privateKey: actor.privateKey)
        #expect(
            ProofError.Code.thrown {
                _ = try IdentityBinding(did: DID(publicKey: later), state: try IdentityState(genesis: authOnly))
            } == .bindingKeyMissing)
        #expect(
            ProofError.Code.thrown {
                _ = try IdentityBinding(did: try DID("did:imajin:soft:a"), state: actor.state)
            } == .bindingNotKey)
    }

    @Test("a key that is only listed binds nothing: whoever signs the genesis cannot take another's DID")
    func possession() throws {
        let attacker = try Actor.key(1)
        let victim = try Actor.key(2).publicKey
        let own = Multikey(attacker.publicKey)
        for keys in [
            KeySet(auth: [own], assert: [], controller: [own, Multikey(victim)]),
            KeySet(auth: [own], assert: [], controller: [Multikey(victim), own]),
            KeySet(all: own, and: Multikey(victim)),
        ] {
            let genesis = try OperationSigner.createIdentity(
                keys: keys, createdAt: try Timestamp(Self.second), keyID: own.id, privateKey: attacker)
            let state = try IdentityState(genesis: genesis)
            #expect(
                ProofError.Code.thrown { _ = try IdentityBinding(did: DID(publicKey: victim), state: state) }
                    == .bindingUnproved)
            #expect(state.boundDID == DID(publicKey: attacker.publicKey))
            #expect(try IdentityBinding(did: DID(publicKey: attacker.publicKey), state: state).state == state)
            #expect(try IdentityState(encoded: state.encoded()).boundDID == state.boundDID, "also as stored")
        }
    }

    @Test("who signed the genesis is told by material: another name for the same key proves possession too")
    func possessionByMaterial() throws {
        let key = try Actor.key(3)
        let names = [Multikey(key.publicKey, id: KeyID("first")), Multikey(key.publicKey, id: KeyID("second"))]
        let genesis = try OperationSigner.createIdentity(
            keys: KeySet(auth: [], assert: [], controller: names), createdAt: try Timestamp(Self.second),
            keyID: names[1].id, privateKey: key)
        let state = try IdentityState(genesis: genesis)
        #expect(try IdentityBinding(did: DID(publicKey: key.publicKey), state: state).signingKeys == [key.publicKey])
    }

    @Test("the published keys bind to the published chain")
    func published() throws {
        let keys = try #require(try Fixture.json("dfos/keys.json")["keys"]).elements.map { $0 }
        let state = try Vectors.creator()
        let bound = try keys.map { try DID($0.text("didImajin")) }
            .filter { (try? IdentityBinding(did: $0, state: state)) != nil }
        #expect(bound.map(\.string) == [keys[0].text("didImajin")])
    }

    @Test("who may sign is who the head lists in any role; a retired key has the time of its removal")
    func signingKeys() throws {
        var actor = try Actor(1)
        let did = DID(publicKey: actor.privateKey.publicKey)
        let first = actor.privateKey.publicKey
        let auth = try Actor.key(4).publicKey
        let keys = KeySet(
            auth: [Multikey(auth)], assert: [Multikey(auth)], controller: [Multikey(try Actor.key(2).publicKey)])
        try actor.apply(
            try actor.signer.updateIdentity(
                previous: actor.state.headCID, keys: keys, createdAt: try Timestamp(Self.second)))
        var binding = try IdentityBinding(did: did, state: actor.state)
        #expect(binding.signingKeys == [auth, try Actor.key(2).publicKey])
        #expect(binding.isSigningKey(auth) && !binding.isSigningKey(first))
        #expect(binding.retirement(of: first)?.string == Self.second)
        #expect(binding.retirement(of: auth) == nil)
        #expect(binding.retirement(of: try Actor.key(9).publicKey) == nil, "never listed")
        #expect(binding.couldSign(first, at: actor.state.createdAt))
        #expect(!binding.couldSign(first, at: try Timestamp(Self.second)))
        let controller = OperationSigner(
            did: actor.did, keyID: keys.controller[0].id, privateKey: try Actor.key(2))
        try actor.apply(
            try controller.deleteIdentity(previous: actor.state.headCID, createdAt: try Timestamp(Self.third)))
        binding = try IdentityBinding(did: did, state: actor.state)
        #expect(binding.signingKeys.isEmpty && !binding.isSigningKey(auth))
        #expect(binding.retirement(of: auth)?.string == Self.third)
        #expect(binding.retirement(of: first)?.string == Self.second)
        #expect(binding.couldSign(auth, at: try Timestamp(Self.second)))
        #expect(!binding.couldSign(auth, at: try Timestamp(Self.third)))
        try actor.apply(
            try controller.restoreIdentity(
                previous: actor.state.headCID, createdAt: try Timestamp("2026-03-07T00:00:03.000Z")))
        binding = try IdentityBinding(did: did, state: actor.state)
        #expect(binding.signingKeys.count == 2 && binding.retirement(of: auth) == nil)
    }

    @Test("a key that was taken out and came back is not retired, whatever it is called")
    func comingBack() throws {
        var actor = try Actor(1)
        let did = DID(publicKey: actor.privateKey.publicKey)
        try actor.rotate(to: 2, at: Self.second)
        let renamed = Multikey(actor.privateKey.publicKey, id: KeyID("again"))
        let keys = KeySet(auth: [renamed], assert: [], controller: actor.state.keys.controller)
        try actor.apply(
            try actor.signer.updateIdentity(
                previous: actor.state.headCID, keys: keys, createdAt: try Timestamp(Self.third)))
        let binding = try IdentityBinding(did: did, state: actor.state)
        #expect(binding.retirement(of: actor.privateKey.publicKey) == nil)
        #expect(binding.isSigningKey(actor.privateKey.publicKey))
        #expect(!binding.couldSign(actor.privateKey.publicKey, at: try Timestamp(Self.second)))
        #expect(binding.couldSign(actor.privateKey.publicKey, at: try Timestamp(Self.third)))
    }
}

extension KeySet {
    /// Two keys in all three roles.
    fileprivate init(all first: Multikey, and second: Multikey) {
        self.init(auth: [first, second], assert: [first, second], controller: [first, second])
    }
}
