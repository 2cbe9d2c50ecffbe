import Cryptography
import ProofChain
import Testing
import TestMaterial

@Suite("Credentials")
struct CredentialTests {
    static let now: Int64 = 1_772_841_700
    static let later: Int64 = now + 1_000

    @Test("the published credentials verify, while they last and under keys of the past")
    func published() throws {
        let table = IdentityTable([try Vectors.creator()])
        let read = try Vectors.published("credential-read")
        let write = try Vectors.published("credential-write")
        let tokens = [
            (read, "credential", "chain:*", "read"), (write, "broadCredential", "chain:*", "write"),
            (write, "narrowCredential", "chain:8n8fnzhrrefkrde6h72kfvff43r8c63", "write"),
        ]
        for (example, name, resource, action) in tokens {
            let token = example.text(name)
            let credential = try Credential(verifyingToken: token, at: Self.now, identities: table)
            let expected = try #require(example["expected"])
            #expect(credential.issuer.string == expected.text("iss") && credential.audience == expected.text("aud"))
            #expect(credential.attenuations == [Attenuation(resource: resource, action: action)])
            #expect(!credential.isPublic && credential.parent == nil)
            func code(_ at: Int64, _ table: IdentityTable) -> ProofError.Code? {
                .thrown { _ = try Credential(verifyingToken: token, at: at, identities: table) }
            }
            #expect(code(credential.issuedAt, table) == nil)
            #expect(code(credential.issuedAt - 1, table) == .credentialNotYetValid)
            #expect(code(credential.expiresAt - 1, table) == nil)
            #expect(code(credential.expiresAt, table) == .credentialExpired)
            #expect(code(Self.now, IdentityTable()) == .identityUnknown)
        }
        let deleted = try IdentityState(verifyingTokens: Vectors.log(Vectors.published("identity-delete")["chain"]))
        #expect(
            ProofError.Code.thrown {
                _ = try Credential(
                    verifyingToken: read.text("credential"), at: Self.now, identities: IdentityTable([deleted]))
            } == .identityDeleted)
    }

    @Test(
        "permission narrows and never widens",
        arguments: [
            ("chain:*", "read,write", "chain:X", "read", true), ("chain:*", "read", "chain:*", "read", true),
            ("chain:X", "write", "chain:X", "write", true), ("chain:X", "read", "chain:*", "read", false),
            ("chain:X", "read", "chain:Y", "read", false), ("chain:*", "read", "chain:X", "write", false),
            ("chain:*", "read", "chain:X", "read,write", false),
            ("chain:*", " read , write ", "chain:X", "write ,read", true),
            ("chain:*", "read,", "chain:X", ",read", true), ("chain:*", "read", "chain:X", "", false),
            ("chain:*", "read", "chain:X", ",", false), ("chain:*", "", "chain:X", "read", false),
            ("mailbox:*", "read", "mailbox:a", "read", false), ("mailbox:a", "read", "mailbox:a", "read", true),
            ("chain:*", "read", "mailbox:a", "read", false), ("a", "read", "a", "read", false),
            ("chain:é", "read", "chain:e\u{301}", "read", false), ("chain:*", "read", "chains:X", "read", false),
        ])
    func attenuation(
        _ resource: String, _ action: String, _ childResource: String, _ childAction: String, _ isNarrower: Bool
    ) {
        let parent = [Attenuation(resource: resource, action: action)]
        #expect(parent.permits(childAction, on: childResource) == isNarrower)
    }

    @Test("a credential has the members it needs, and 1 to 32 permissions")
    func members() throws {
        let actor = try Actor(1)
        let table = IdentityTable([actor.state])
        func code(_ members: String, iss: String? = nil, type: String = "DFOSCredential") throws -> ProofError.Code? {
            let payload = #"{"version":1,"type":"\#(type)","iss":"\#(iss ?? actor.did.string)",\#(members)}"#
            let token = try RawToken(.credential, kid: actor.signer.reference.string, payload: payload)
                .token(actor.privateKey)
            return .thrown { _ = try Credential(verifyingToken: token, at: Self.now, identities: table) }
        }
        let entry = #"{"resource":"chain:*","action":"read"}"#
        let times = #""exp":\#(Self.later),"iat":\#(Self.now)"#
        func entries(_ count: Int) -> String {
            #""att":[\#([String](repeating: entry, count: count).joined(separator: ","))]"#
        }
        #expect(try code(#""aud":"*",\#(entries(1)),"prf":[],\#(times)"#) == nil)
        #expect(try code(#""aud":"*",\#(entries(1)),\#(times)"#) == nil, "no proof is an empty one")
        #expect(try code(#""aud":"*",\#(entries(32)),\#(times)"#) == nil)
        #expect(try code(#""aud":"*",\#(entries(33)),\#(times)"#) == .memberInvalid)
        #expect(try code(#""aud":"*",\#(entries(0)),\#(times)"#) == .memberInvalid)
        #expect(try code(#""aud":"*","att":[{"resource":"chain:*"}],\#(times)"#) == .memberInvalid)
        #expect(try code(#""aud":"*",\#(entries(1)),"prf":["a","b"],\#(times)"#) == .parentsTooMany)
        #expect(try code(#""aud":"*",\#(entries(1)),"prf":["a",""],\#(times)"#) == .parentsTooMany)
        #expect(try code(#""aud":"*",\#(entries(1)),"prf":[""],\#(times)"#) == .memberInvalid)
        #expect(try code(#""aud":"*",\#(entries(1)),"prf":[1],\#(times)"#) == .memberInvalid)
        #expect(try code(#""aud":"*",\#(entries(1)),"prf":"a",\#(times)"#) == .memberInvalid)
        #expect(try code(#""aud":"",\#(entries(1)),\#(times)"#) == .memberInvalid)
        #expect(try code(#"\#(entries(1)),\#(times)"#) == .memberInvalid)
        #expect(try code(#""aud":"*",\#(entries(1)),"exp":0,"iat":1"#) == .memberInvalid)
        #expect(try code(#""aud":"*",\#(entries(1)),"exp":\#(Self.later)"#) == .memberInvalid)
        #expect(try code(#""aud":"*",\#(entries(1)),\#(times)"#, type: "credential") == .typeInvalid)
        #expect(try code(#""aud":"*",\#(entries(1)),\#(times)"#, iss: try Actor(2).did.string) == .signerMismatch)
    }

    @Test("a revocation is its issuer's, under any of its keys")
    func revocations() throws {
        var actor = try Actor(1)
        let credential = try actor.signer.credential(
            audience: nil, attenuations: [Attenuation(resource: Attenuation.everyChain, action: "read")],
            issuedAt: Self.now, expiresAt: Self.later)
        let operation = try actor.signer.revocation(credential: credential.cid, createdAt: actor.state.createdAt)
        try actor.rotate(to: 2, at: "2026-03-07T00:00:01.000Z")
        let revocation = try Revocation(verifying: operation, identities: IdentityTable([actor.state]))
        #expect(revocation.credentialCID == credential.cid.string && revocation.issuer == actor.did)
        #expect(!credential.isPrivateCredential)
        #expect(
            ProofError.Code.thrown { _ = try Revocation(verifying: operation, identities: IdentityTable()) }
                == .identityUnknown)
        let other = try Actor(3)
        let foreign = OperationSigner(did: actor.did, keyID: other.signer.keyID, privateKey: other.privateKey)
        let forged = try foreign.revocation(credential: credential.cid, createdAt: actor.state.createdAt)
        #expect(
            ProofError.Code.thrown { _ = try Revocation(verifying: forged, identities: IdentityTable([actor.state])) }
                == .keyUnknown)
    }
}
