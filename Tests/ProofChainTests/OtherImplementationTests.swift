import Cryptography
import Foundation
import ProofChain
import PythonRunning
import Testing
import TestMaterial

/// The same protocol by other libraries, in Python: each side verifies what the other made.
@Suite("Another implementation")
struct OtherImplementationTests {
    @Test("Python's dag-cbor, multiformats, PyNaCl and joserfc agree with us, and we with them")
    func bothWays() throws {
        let answer = try JSONDocument(parsing: try Self.run(try Self.ours())).root
        let verified = try #require(answer["verified"])
        #expect(verified["chain"]?.int64 == 5 && verified["own chain"]?.int64 == 1)
        #expect(verified["value"]?.int64 == 112 && verified["multikey"]?.int64 == 6)
        for kind in OperationKind.allCases where kind != .identity {
            #expect(verified[kind.typ]?.int64 == 1, "\(kind)")
        }
        #expect(verified["JWT"]?.int64 == 1)
        #expect(verified["signature that a strict verifier refuses"]?.int64 == 3)
        try Self.verify(try #require(answer["made"]))
    }

    /// What Python made, verified here.
    private static func verify(_ made: JSONValue) throws {
        let state = try IdentityState(verifyingTokens: Vectors.log(made["log"]))
        #expect(state.did.string == made.text("did") && state.headCID.string == made.text("head"))
        #expect(!state.isDeleted && state.operationCount == 4 && state.services.count == 2)
        let table = IdentityTable([state])
        let artifact = try Artifact(
            verifying: try SignedOperation(token: made.text("artifact")), identities: table, keys: .current)
        #expect(artifact.cid.string == made.text("artifactCID"))
        let content = try ContentState(
            genesis: try SignedOperation(token: made.text("content")), identities: table, keys: .current)
        #expect(content.contentID.string == made.text("contentID"))
        let credential = try Credential(
            verifyingToken: made.text("credential"), at: 1_800_000_000, identities: table)
        #expect(credential.attenuations.permits("read", on: Attenuation.resource(of: content.contentID)))
        let revocation = try Revocation(
            verifying: try SignedOperation(token: made.text("revocation")), identities: table)
        #expect(revocation.credentialCID == credential.cid.string)
        let codes = try ["forged", "forked"].map { name in
            let log = try Vectors.log(made[name])
            return ProofError.Code.thrown { _ = try IdentityState(verifyingTokens: log) }
        }
        #expect(codes == [.signatureInvalid, .operationRepeated])
    }

    /// Chains and statements made here, and values with their encoding.
    private static func ours() throws -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        try chains(&writer)
        try values(&writer)
        let keys = try (1...6).map { try Vectors.key($0).publicKey }
        writer.object("multikeys") { writer in
            for key in keys { writer.field(Multikey.encode(key), Hex.encode(key.rawBytes)) }
        }
        writer.field("strict", try Vectors.strict().map(\.token))
        writer.endObject()
        return writer.bytes
    }

    private static func chains(_ writer: inout JSONWriter) throws {
        var actor = try Actor(1, services: [try .relay(id: "r", endpoint: "https://r.example/é")])
        var log = [actor.genesis.token]
        let statements = try statements(of: actor)
        var chains: [(String, [String], Bool, [(String, [String])])] = [(actor.did.string, log, false, statements)]
        log.append(try actor.rotate(to: 2, at: "2026-03-07T00:00:01.000Z").token)
        chains.append((actor.did.string, log, false, []))
        log.append(try actor.delete(at: "2026-03-07T00:00:02.000Z").token)
        chains.append((actor.did.string, log, true, []))
        log.append(try actor.restore(at: "2026-03-07T00:00:03.000Z").token)
        log.append(try actor.rotate(to: 3, at: "2026-03-07T00:00:04.000Z").token)
        chains.append((actor.did.string, log, false, []))
        writer.array("chains") { writer in
            for (did, log, isDeleted, statements) in chains {
                writer.beginObject()
                writer.field("did", did)
                writer.field("log", log)
                writer.field("deleted", isDeleted)
                writer.object("statements") { writer in
                    for (typ, tokens) in statements { writer.field(typ, tokens) }
                }
                writer.endObject()
            }
        }
    }

    /// One of each kind.
    private static func statements(of actor: Actor) throws -> [(String, [String])] {
        let time = actor.state.createdAt
        let artifact = try actor.signer.artifact(
            content: Array(#"{"$schema":"test/v1","z":[1.0,{"é":"\u0001"}],"aa":-0}"#.utf8), createdAt: time)
        let content = try actor.signer.createContent(documentCID: artifact.cid, createdAt: time)
        let credential = try actor.signer.credential(
            audience: try Actor(2).did, attenuations: [.chain(ContentID(genesis: content.cid), "read,write")],
            issuedAt: 1, expiresAt: 2)
        let made = [
            artifact, content, credential,
            try actor.signer.countersign(target: artifact.cid, relation: "witnessed", createdAt: time),
            try actor.signer.revocation(credential: credential.cid, createdAt: time),
        ]
        let token = actor.signer.authToken(audience: actor.did.string, issuedAt: 1, expiresAt: 2)
        return made.map { ($0.kind?.typ ?? "", [$0.token]) } + [("JWT", [token])]
    }

    /// The published values, and 100 random ones.
    private static func values(_ writer: inout JSONWriter) throws {
        let published = try #require(try Fixture.json("dfos/dag-cbor-cid.json")["accept"])
        var texts = try published.elements.map { String(decoding: try #require($0["value"]).rawBytes, as: UTF8.self) }
        let extremes = #"[0,-1,23,24,255,256,65535,65536,4294967295,4294967296,9007199254740991,-9007199254740991]"#
        texts += [extremes, #"{"":{"b":[],"a":{}},"bb":"\ud83d\ude00","a":null,"é":true,"z":false}"#]
        let seed = SeededGenerator.seed("values for another implementation", default: 31)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var value = JSONWriter()
            value.value(randomValue(depth: 4, &generator))
            texts.append(String(decoding: value.bytes, as: UTF8.self))
        }
        let entries = try texts.map { text in
            (text, try DAGCBOR.encode(json: try JSONDocument(parsing: text).root))
        }
        writer.array("values") { writer in
            for (text, bytes) in entries {
                writer.beginObject()
                writer.field("json", text)
                writer.field("cbor", Hex.encode(bytes))
                writer.field("cid", CID(codec: .dagCBOR, hashing: bytes))
                writer.endObject()
            }
        }
    }

    private static func randomValue(depth: Int, _ generator: inout SeededGenerator) -> CBORValue {
        let characters = Array("abz\u{0}\u{1f}\"\\é€\u{1f600}\u{e000}")
        func text() -> String { String((0..<generator.below(6)).map { _ in characters[generator.below(11)] }) }
        switch generator.below(depth > 0 ? 7 : 5) {
        case 0: return .null
        case 1: return .bool(generator.below(2) == 0)
        case 2, 3: return .text(text())
        case 4: return .int(Int64.random(in: -9_007_199_254_740_991...9_007_199_254_740_991, using: &generator))
        case 5: return .array((0..<generator.below(4)).map { _ in randomValue(depth: depth - 1, &generator) })
        default:
            let members = (0..<generator.below(30)).map { _ in (text(), randomValue(depth: depth - 2, &generator)) }
            // Names that come twice make no map.
            return (try? CBORMap(members)).map { .map($0) } ?? .null
        }
    }

    /// Runs the script with `input` on its standard input; returns its standard output.
    private static func run(_ input: [UInt8]) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        return try Python.output(of: [folder.appending(path: "python/other_implementation.py").path], input: input)
    }
}
