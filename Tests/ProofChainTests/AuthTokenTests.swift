import Cryptography
import ProofChain
import Testing
import TestMaterial

@Suite("Authentication tokens")
struct AuthTokenTests {
    private static let now: Int64 = 1_772_841_700
    private static let relay = "did:dfos:z96h8va46r42vdkd4teznr27276zd9e"

    private func code(
        _ token: String, _ states: IdentityState..., audience: String = relay, at now: Int64 = now
    ) -> ProofError.Code? {
        .thrown { _ = try AuthToken(verifying: token, audience: audience, at: now, identities: IdentityTable(states)) }
    }

    @Test("a token proves its issuer to one relay, for the time it names")
    func valid() throws {
        let actor = try Actor(1)
        let token = actor.signer.authToken(audience: Self.relay, issuedAt: Self.now, expiresAt: Self.now + 60)
        #expect(AuthToken.identityNeeded(by: token) == actor.did)
        let verified = try AuthToken(
            verifying: token, audience: Self.relay, at: Self.now, identities: IdentityTable([actor.state]))
        #expect(verified.issuer == actor.did && verified.signer == actor.signer.reference)
        #expect(code(token, actor.state, at: Self.now + 59) == nil)
        #expect(code(token, actor.state, at: Self.now + 60) == .tokenExpired)
        #expect(code(token, actor.state, at: Self.now - 1) == .tokenNotYetValid)
        #expect(code(token, actor.state, audience: "did:dfos:other") == .audienceMismatch)
        #expect(code(token) == .identityUnknown)
    }

    @Test("a day is the longest life")
    func lifetime() throws {
        let actor = try Actor(1)
        let day = actor.signer.authToken(audience: Self.relay, issuedAt: Self.now, expiresAt: Self.now + 86_400)
        let longer = actor.signer.authToken(audience: Self.relay, issuedAt: Self.now, expiresAt: Self.now + 86_401)
        #expect(code(day, actor.state) == nil)
        #expect(code(longer, actor.state) == .tokenLifetimeTooLong)
        let endless = actor.signer.authToken(audience: Self.relay, issuedAt: 1, expiresAt: .max)
        #expect(code(endless, actor.state) == .tokenLifetimeTooLong)
    }

    @Test("only keys of the head prove anything, and nothing proves a deleted identity")
    func keys() throws {
        var actor = try Actor(1)
        let token = actor.signer.authToken(audience: Self.relay, issuedAt: Self.now, expiresAt: Self.now + 60)
        let before = actor.state
        try actor.rotate(to: 2, at: "2026-03-07T00:00:01.000Z")
        #expect(code(token, actor.state) == .keyNotCurrent)
        let fresh = actor.signer.authToken(audience: Self.relay, issuedAt: Self.now, expiresAt: Self.now + 60)
        #expect(code(fresh, actor.state) == nil)
        try actor.delete(at: "2026-03-07T00:00:02.000Z")
        #expect(code(fresh, actor.state) == .identityDeleted)
        let forged = OperationSigner(did: before.did, keyID: before.keys.auth[0].id, privateKey: try Actor.key(9))
            .authToken(audience: Self.relay, issuedAt: Self.now, expiresAt: Self.now + 60)
        #expect(code(forged, before) == .signatureInvalid)
    }

    @Test("claims are complete, of one identity, in a JWT")
    func claims() throws {
        let actor = try Actor(1)
        let kid = actor.signer.reference.string
        func code(_ payload: String, typ: String = "JWT", kid: String = kid) throws -> ProofError.Code? {
            let header = #"{"alg":"EdDSA","typ":"\#(typ)","kid":"\#(kid)"}"#
            return self.code(RawToken.sign(header: header, payload: payload, actor.privateKey), actor.state)
        }
        let times = #""exp":\#(Self.now + 60),"iat":\#(Self.now)"#
        let who = #""iss":"\#(actor.did)","sub":"\#(actor.did)","aud":"\#(Self.relay)""#
        #expect(try code("{\(who),\(times)}") == nil)
        #expect(try code("{\(who),\(times),\"jti\":1.5}") == nil, "other claims are nobody's concern")
        #expect(try code("{\(who),\(times)}", typ: "at+jwt") == .typeHeaderInvalid)
        #expect(try code("{\(who),\(times)}", kid: actor.signer.keyID.string) == .signerNotURL)
        #expect(try code("{\(who),\(times)}", kid: try Actor(2).signer.reference.string) == .signerMismatch)
        #expect(try code("{\(who),\"exp\":\(Self.now + 60)}") == .memberInvalid)
        #expect(try code("{\(who),\"exp\":1.5,\"iat\":1}") == .memberInvalid)
        #expect(try code("{\(who),\(times),\"iss\":\"x\"}") == .payloadMalformed, "a claim twice")
        let other = try Actor(2).did
        #expect(
            try code(#"{"iss":"\#(actor.did)","sub":"\#(other)","aud":"\#(Self.relay)",\#(times)}"#)
                == .memberInvalid)
        #expect(try code("[]") == .payloadMalformed)
    }

    @Test("the published session token has a valid signature and is no authentication token here")
    func published() throws {
        let fixture = try Fixture.json("dfos/jws-profile.json")
        let token = try #require(fixture["positiveTokens"]).text("JWT_TOKEN")
        #expect(code(token, try Vectors.creator()) == .identifierInvalid)
    }
}
