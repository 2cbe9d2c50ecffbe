import Cryptography
import ProofChain
import Testing
import TestMaterial

@Suite("Tokens")
struct TokenTests {
    @Test("the tokens that every verifier must refuse are refused, each for its reason")
    func mustReject() throws {
        let fixture = try Fixture.json("dfos/jws-profile.json")
        let key = try Ed25519PublicKey(rawBytes: fixture.hex("publicKeyHex"))
        let reasons: [String: ProofError.Code] = [
            "RV-LEN-SHORT": .signatureLengthInvalid, "RV-LEN-LONG": .signatureLengthInvalid,
            "RV-S-NONCANON-PLUSL": .signatureInvalid, "RV-S-NONCANON-FF": .signatureInvalid,
            "RV-ALG-NONE": .algorithmUnsupported, "RV-ALG-CASE": .algorithmUnsupported,
            "RV-CRIT-PRESENT": .extensionUnsupported, "RV-HEADER-KEY-TRUST": .keyInHeader,
            "RV-SIG-BITFLIP": .signatureInvalid,
        ]
        let tokens = try #require(fixture["allMustReject"])
        #expect(tokens.count == 9 && reasons.count == 9)
        for (name, token) in tokens.members {
            let code = ProofError.Code.thrown {
                try SignedOperation(token: try #require(token.string)).checkSignature(key)
            }
            #expect(code != nil && code == reasons[name], "\(name): \(code?.rawValue ?? "accepted")")
        }
    }

    @Test("the published tokens are what their header says, with the payload's own CID")
    func positive() throws {
        let tokens = try #require(try Fixture.json("dfos/jws-profile.json")["positiveTokens"])
        let keys = try (1...6).map { try Vectors.key($0).publicKey }
        var kinds: [OperationKind?: Int] = [:]
        for (name, token) in tokens.members {
            let operation = try SignedOperation(token: try #require(token.string))
            kinds[operation.kind, default: 0] += 1
            if operation.kind != nil { try operation.checkCID() }
            let signers = keys.filter { key in (try? operation.checkSignature(key)) != nil }
            #expect(signers.count == 1, "\(name)")
        }
        #expect(kinds == [.identity: 5, .content: 1, .credential: 2, nil: 1])
    }

    @Test("libsodium refuses more than the references do: keys and points of small order, second encodings")
    func strictness() throws {
        let cases = try Vectors.strict()
        #expect(cases.map(\.name) == ["small-order-key", "non-canonical-key", "small-order-R"])
        for entry in cases {
            let code = ProofError.Code.thrown { _ = try IdentityState(verifyingTokens: [entry.token]) }
            #expect(code?.rawValue == entry.code, "\(entry.name)")
        }
    }

    @Test("base64url is taken with padding and with spare bits, as the references take it; nothing else is")
    func encoding() throws {
        let actor = try Actor(1)
        let parts = actor.genesis.token.split(separator: ".").map(String.init)
        func verdict(_ token: String) -> ProofError.Code? {
            .thrown { _ = try IdentityState(verifyingTokens: [token]) }
        }
        let signed = "\(parts[0]).\(parts[1])"
        #expect(parts[2].utf8.count == 86)
        let padded = parts[0] + "." + parts[1] + "." + parts[2] + "=="
        #expect(verdict(padded) == nil)
        // The signature's last character carries two bits; the four below them are spare.
        let last = try #require(parts[2].last)
        let spare = ["A": "B", "Q": "R", "g": "h", "w": "x"][last]
        let spelt = parts[0] + "." + parts[1] + "." + String(parts[2].dropLast()) + (try #require(spare))
        #expect(verdict(spelt) == nil)
        // They are the same token, and are kept and passed on in its one text, whichever came first.
        for token in [padded, spelt] {
            let operation = try SignedOperation(token: token)
            #expect(operation.cid == actor.genesis.cid)
            #expect(operation.token == actor.genesis.token)
            try operation.checkIsSame(as: actor.genesis.token)
            try actor.genesis.checkIsSame(as: token)
        }
        // A second signature of the signer is another.
        let other = try SignedOperation(token: signed + "." + String(parts[2].reversed()))
        let error = ProofError.thrown { try other.checkIsSame(as: actor.genesis.token) }
        #expect(error?.code == .signatureDiffers)
        #expect(error?.reason == "operation already exists with a different signature")
        try actor.genesis.checkIsSame(as: actor.genesis.token)
        let token = actor.genesis.token
        let broken: [String] = [
            "\(token)=", "\(token)===", "\(token)\n", " \(token)", signed, "\(token).",
            "\(signed).+\(parts[2].dropFirst())", "", "..",
        ]
        for broken in broken {
            #expect(verdict(broken) == .tokenMalformed || verdict(broken) == .headerInvalid, "\(broken.suffix(8))")
        }
    }

    @Test("a refusal's reason is words, and its code stands beside it alone")
    func prose() throws {
        for code in ProofError.Code.allCases {
            let reason = ProofError(code).reason
            #expect(reason.contains(" ") && !reason.contains("_"), "\(code)")
        }
        func part(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }
        let signature = Base64URL.encode([UInt8](repeating: 1, count: 64))
        let header = part(#"{"alg":"EdDSA"}"#)
        let broken = [
            part(#"{"alg":"none"}"#) + "." + part("{}"), part(#"{"alg":"EdDSA","crit":[]}"#) + "." + part("{}"),
            part(#"{"alg":"EdDSA","jwk":{}}"#) + "." + part("{}"), part("[]") + "." + part("{}"),
            header + "." + part(#"{"a":1,"a":2}"#), header + "." + part(#"{"a":0.5}"#), header + "." + part("[]"),
        ]
        for signed in broken {
            let error = try #require(ProofError.thrown { _ = try SignedOperation(token: signed + "." + signature) })
            #expect(!error.reason.contains("_") && !error.reason.contains(":"), "\(error.reason)")
        }
    }

    @Test("the same payload spelt anew has the same CID and another token")
    func respelling() throws {
        let actor = try Actor(1)
        let key = RawToken.entry(Multikey(actor.privateKey.publicKey))
        let payload =
            #"{ "createdAt":"\#(actor.state.createdAt)","controllerKeys":[\#(key)],"assertKeys":[\#(key)],"#
            + #""authKeys":[\#(key)],"type":"\u0063reate","version":1.0}"#
        let token = try RawToken(.identity, kid: actor.signer.keyID.string, payload: payload).token(actor.privateKey)
        let operation = try SignedOperation(token: token)
        #expect(operation.cid == actor.genesis.cid && token != actor.genesis.token)
        #expect(try IdentityState(genesis: operation).did == actor.did)
        #expect(ProofError.Code.thrown { try operation.checkIsSame(as: actor.genesis.token) } == .signatureDiffers)
    }

    @Test(
        "a payload is one JSON object, each member once, in UTF-8",
        arguments: [
            (#"{"a":1,"a":1}"#, ProofError.Code.payloadMalformed), (#"{"a":{"b":1,"\u0062":2}}"#, .payloadMalformed),
            ("[]", .payloadMalformed), ("1", .payloadMalformed), ("", .payloadMalformed), ("{}x", .payloadMalformed),
            (#"{"a":"\ud800"}"#, .payloadMalformed), ("\u{feff}{}", .payloadMalformed),
            (#"{"a":0.5}"#, .payloadNotCanonical), (#"{"a":[9007199254740992]}"#, .payloadNotCanonical),
        ])
    func payloads(_ payload: String, _ expected: ProofError.Code) throws {
        let token = RawToken.sign(header: #"{"alg":"EdDSA"}"#, payload: payload, try Actor.key(1))
        #expect(ProofError.Code.thrown { _ = try SignedOperation(token: token) } == expected)
    }

    @Test("an unknown kind is taken apart, and is no operation")
    func unknownKind() throws {
        for typ in ["did:dfos:beacon", "vc+jwt", "did:dfos:identity-op\u{0}", ""] {
            var raw = RawToken(.identity, kid: "k", payload: "{}")
            raw.typ = typ.replacing("\u{0}", with: "\\u0000")
            let operation = try SignedOperation(token: try raw.token(try Actor.key(1)))
            #expect(operation.kind == nil && operation.author == nil && operation.typ == typ)
        }
    }

    @Test("a token is at most 1 MiB")
    func size() throws {
        let huge = String(repeating: "A", count: ProofLimits.tokenBytes + 1)
        #expect(ProofError.Code.thrown { _ = try SignedOperation(token: huge) } == .tokenTooLarge)
        #expect(ProofError.Code.thrown { _ = try SignedOperation(token: String(huge.dropLast())) } == .tokenMalformed)
    }

    @Test("the future begins 24 hours from now, or where a relay says")
    func future() throws {
        let operation = try Actor(1, createdAt: "2026-03-08T00:00:00.000Z").genesis
        let now = try Timestamp("2026-03-07T00:00:00.000Z").millisecondsSinceEpoch
        func code(_ nowMs: Int64, _ toleranceMs: Int64 = ProofLimits.futureMs) -> ProofError? {
            .thrown { try operation.checkNotFuture(nowMs: nowMs, toleranceMs: toleranceMs) }
        }
        #expect(code(now) == nil)
        #expect(code(now - 1)?.code == .createdAtFuture)
        #expect(code(now - 1)?.reason.contains("future") == true)
        #expect(code(now, 0)?.code == .createdAtFuture)
        #expect(code(.max) == nil && code(.min, 0)?.code == .createdAtFuture)
    }

    @Test("damaged tokens never trap, and none of them verifies to another identity")
    func damage() throws {
        let seed = SeededGenerator.seed("damaged chains", default: 41)
        var generator = SeededGenerator(seed: seed)
        var actor = try Actor(1)
        var log = [actor.genesis.token]
        log.append(try actor.rotate(to: 2, at: "2026-03-07T00:00:01.000Z").token)
        log.append(try actor.delete(at: "2026-03-07T00:00:02.000Z").token)
        var refusals: Set<ProofError.Code> = []
        for _ in 0..<3_000 {
            var damaged = log
            let index = generator.below(log.count)
            damaged[index] = String(
                decoding: Mutation.apply(to: Array(log[index].utf8), using: &generator), as: UTF8.self)
            do {
                let state = try IdentityState(verifyingTokens: damaged)
                #expect(state.did == actor.did && state.headCID == actor.state.headCID, "seed \(seed)")
            } catch {
                refusals.insert(error.code)
            }
        }
        #expect(refusals.count > 5, "seed \(seed): \(refusals)")
    }
}
