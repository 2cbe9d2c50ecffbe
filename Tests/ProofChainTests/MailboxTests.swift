import Cryptography
import ProofChain
import Testing

@Suite("Sign requests and their answers")
struct MailboxTests {
    private static let now = "2026-03-08T00:00:00.000Z"

    /// A request's members, each to be replaced.
    private struct Draft {
        var did: String
        var subject = "did:dfos:z96h8va46r42vdkd4teznr27276zd9e"
        var type = "sign-request"
        var payloadType = "did:dfos:credit-claim"
        var payload = Base64URL.encode(Array("bytes".utf8))
        var createdAt = MailboxTests.now
        var expiresAt = "2026-03-09T00:00:00.000Z"

        var json: String {
            """
            {"version":1,"type":"\(type)","did":"\(did)","subject":"\(subject)","payloadTyp":"\(payloadType)",\
            "payload":"\(payload)","createdAt":"\(createdAt)","expiresAt":"\(expiresAt)"}
            """
        }
    }

    private func token(_ actor: Actor, typ: String = SignRequest.typ, _ change: (inout Draft) -> Void = { _ in })
        throws -> String
    {
        var draft = Draft(did: actor.did.string)
        change(&draft)
        var raw = RawToken(.artifact, kid: actor.signer.reference.string, payload: draft.json)
        raw.typ = typ
        return try raw.token(actor.privateKey)
    }

    private func code(_ token: String, _ actor: Actor, at time: String = now) -> ProofError.Code? {
        .thrown {
            _ = try SignRequest(
                verifying: token, at: try Timestamp(time).millisecondsSinceEpoch,
                identities: IdentityTable([actor.state]))
        }
    }

    @Test("a request says who asks whom to sign which bytes as what")
    func valid() throws {
        let actor = try Actor(1)
        let request = try SignRequest(
            verifying: try token(actor), at: try Timestamp(Self.now).millisecondsSinceEpoch,
            identities: IdentityTable([actor.state]))
        #expect(request.requester == actor.did)
        #expect(request.payload == Array("bytes".utf8))
        #expect(request.payloadType == "did:dfos:credit-claim")
    }

    @Test("what does not hold is refused")
    func refused() throws {
        let actor = try Actor(1)
        let cases: [(ProofError.Code, (inout Draft) -> Void)] = [
            (.typeInvalid, { $0.type = "artifact" }), (.memberInvalid, { $0.subject = "nobody" }),
            (.memberInvalid, { $0.payloadType = "" }), (.memberInvalid, { $0.payload = "" }),
            // The same byte, written in another way.
            (.memberInvalid, { $0.payload = "eB" }), (.memberInvalid, { $0.payload = "eA==" }),
            (.memberInvalid, { $0.payload = Base64URL.encode([UInt8](repeating: 0, count: 4_097)) }),
            (.tokenLifetimeTooLong, { $0.expiresAt = "2026-03-15T00:00:00.001Z" }),
            (.tokenLifetimeTooLong, { $0.expiresAt = $0.createdAt }),
            (.identityUnknown, { $0.did = "did:dfos:z96h8va46r42vdkd4teznr27276zd9e" }),
        ]
        for (number, (expected, change)) in cases.enumerated() {
            let found = code(try token(actor, change), actor)
            // A request in another's name is refused by its signer, whether or not that one is known.
            #expect(found == expected || (expected == .identityUnknown && found == .signerMismatch), "\(number)")
        }
        #expect(code(try token(actor, typ: "did:dfos:artifact"), actor) == .typeHeaderInvalid)
        #expect(code(try token(actor), actor, at: "2026-03-09T00:00:00.000Z") == .tokenExpired)
        #expect(code(try token(actor), actor, at: "2026-03-08T23:59:59.999Z") == nil)
        #expect(code(try token(actor) { $0.expiresAt = "2026-03-15T00:00:00.000Z" }, actor) == nil)
        #expect(code(String(repeating: "a", count: 8_193), actor) == .tokenTooLarge)
        var rotated = actor
        try rotated.rotate(to: 2, at: "2026-03-07T01:00:00.000Z")
        #expect(code(try token(actor), rotated) == .keyNotCurrent)
    }

    @Test("an answer is the asked bytes as the asked type, by a key of the subject, also one of before")
    func answers() throws {
        var actor = try Actor(1)
        let other = try Actor(2)
        let asked = SignResponse(subject: actor.did, payloadType: "did:dfos:credit-claim", payload: Array("bytes".utf8))
        func sign(
            _ author: Actor, kid: String? = nil, typ: String = "did:dfos:credit-claim", _ payload: String = "bytes"
        )
            -> String
        {
            let kid = kid ?? author.signer.reference.string
            return RawToken.sign(
                header: #"{"alg":"EdDSA","typ":"\#(typ)","kid":"\#(kid)"}"#, payload: payload, author.privateKey)
        }
        func code(_ token: String) -> ProofError.Code? {
            .thrown { try asked.check(token, identities: IdentityTable([actor.state, other.state])) }
        }
        let answer = sign(actor)
        #expect(code(answer) == nil)
        #expect(code(sign(actor, typ: "did:dfos:artifact")) == .typeHeaderInvalid)
        #expect(code(sign(actor, "other")) == .memberInvalid)
        #expect(code(sign(other)) == .signerMismatch)
        #expect(code(sign(other, kid: actor.signer.reference.string)) == .signatureInvalid)
        #expect(code(String(repeating: "a", count: 8_193)) == .tokenTooLarge)
        #expect(code("a.b.c") != nil)
        try actor.rotate(to: 3, at: "2026-03-07T01:00:00.000Z")
        #expect(code(answer) == nil)
    }
}
