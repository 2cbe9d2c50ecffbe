import Cryptography
import ProofChain
import Testing
import TestMaterial

@Suite("Identity chains: vectors")
struct IdentityVectorTests {
    /// Why each of the derived cases is refused, as ``ProofError/Code``.
    private static let reasons: [String: ProofError.Code] = [
        "empty-log": .logEmpty, "genesis-signed-by-auth-key": .controllerUnknown,
        "genesis-wrong-private-key": .signatureInvalid, "update-bare-kid": .signerNotURL,
        "update-signed-by-assert-key": .controllerUnknown, "update-signed-by-incoming-key": .controllerUnknown,
        "wrong-previous-cid": .previousOperationUnknown, "created-at-equal": .createdAtNotAfter,
        "forked-log": .conflictingExtension, "missing-cid-header": .cidMissing, "wrong-typ": .typeHeaderInvalid,
        "profile-alg-none": .algorithmUnsupported, "profile-crit": .extensionUnsupported, "profile-jwk": .keyInHeader,
        "version-2": .versionInvalid, "version-string": .versionInvalid, "version-missing": .versionInvalid,
        "unknown-type": .typeInvalid, "key-id-material-mismatch-same-op": .keyMaterialChanged,
        "key-id-material-mismatch-history": .keyMaterialChanged, "update-no-controller": .controllerMissing,
        "update-after-delete": .chainDeleted, "restore-after-create": .restoreWithoutDelete,
        "restore-after-restore": .restoreWithoutDelete, "starts-with-update": .firstNotCreate,
        "second-create": .createNotFirst, "kid-22-char-did": .signerMismatch, "sig-bitflip": .signatureInvalid,
        "two-segments": .tokenMalformed, "payload-tampered": .cidMismatch,
        "controller-multikey-wrong-codec": .multikeyInvalid, "op-over-64KiB": .operationTooLarge,
        "op-64KiB-plus-1": .operationTooLarge, "keys-257": .keysTooMany, "fraction-in-payload": .payloadNotCanonical,
        "int-over-2^53-1": .payloadNotCanonical, "services-relay-no-endpoint": .serviceInvalid,
        "services-empty-id": .serviceInvalid, "services-anchor-bad": .serviceInvalid,
        "services-anchor-no-label": .serviceInvalid, "services-257-entries": .servicesTooMany,
    ]

    @Test("every derived case has its verdict, its DID, and its reason")
    func derived() throws {
        let cases = try #require(try Fixture.json("dfos/derived/identity-chain-cases.json")["cases"])
        var verdicts: [String: Int] = [:]
        for entry in cases.elements {
            let name = entry.text("name")
            let log = try Vectors.log(entry["log"])
            verdicts[entry.text("expect"), default: 0] += 1
            if entry.text("expect") == "accept" {
                let state = try IdentityState(verifyingTokens: log)
                if let did = entry["did"]?.string { #expect(state.did.string == did, "\(name)") }
                if let isDeleted = entry["isDeleted"]?.bool { #expect(state.isDeleted == isDeleted, "\(name)") }
                #expect(state.operationCount == log.count, "\(name)")
            } else {
                let expected = Self.reasons[name] ?? (name.hasPrefix("createdAt:") ? .createdAtInvalid : nil)
                let code = ProofError.Code.thrown { _ = try IdentityState(verifyingTokens: log) }
                #expect(code != nil && code == expected, "\(name): \(code?.rawValue ?? "accepted")")
            }
        }
        #expect(verdicts == ["accept": 11, "reject": 53])
    }

    @Test("the published chains verify to their DID, keys and services")
    func published() throws {
        let names = ["genesis", "rotation", "delete", "restore", "services"]
        for name in names {
            let example = try Vectors.published("identity-" + name)
            let expected = try #require(example["expected"])
            let state = try IdentityState(verifyingTokens: Vectors.log(example["chain"]))
            #expect(state.did.string == expected.text("did"), "\(name)")
            #expect(state.isDeleted == expected["isDeleted"]?.bool, "\(name)")
            let controllers = try #require(expected["controllerKeys"]).elements.map {
                Multikey(id: KeyID($0.text("id")), publicKeyMultibase: $0.text("publicKeyMultibase"))
            }
            #expect(!controllers.isEmpty && state.keys.controller == controllers, "\(name)")
            let services = try expected["services"].map { try DAGCBOR.fromJSON($0) } ?? []
            #expect(CBORValue.array(state.services.map { .map($0.members) }) == services, "\(name)")
        }
        let services = try IdentityState(verifyingTokens: Vectors.log(Vectors.published("identity-services")["chain"]))
            .services
        #expect(services.map(\.type) == ["DfosRelay", "ContentAnchor", "ContentAnchor"])
        #expect(services[0].endpoint == "https://relay.dfos.com")
        #expect(services[1].anchor == .chain(try ContentID("8n8fnzhrrefkrde6h72kfvff43r8c63")))
    }

    @Test("a chain of March 2026 verifies where its identifiers are not in it, and nowhere else")
    func march2026() throws {
        let cases = try #require(try Fixture.json("dfos/derived/v0.6.0-under-v1.json")["cases"])
        #expect(cases.count == 3)
        for entry in cases.elements {
            let log = try Vectors.log(entry["log"])
            if entry.text("expect") == "accept" {
                #expect(try IdentityState(verifyingTokens: log).did.string == entry.text("did"))
            } else {
                #expect(ProofError.Code.thrown { _ = try IdentityState(verifyingTokens: log) } == .signerMismatch)
            }
        }
    }

    @Test("the operations of another relay's fixture verify, each against what came before it")
    func parity() throws {
        let fixture = try Fixture.json("dfos/parity-fixture.json")
        var identities = IdentityTable()
        var contents: [CID: ContentState] = [:]
        var verified: [OperationKind: Int] = [:]
        for list in ["bootstrapOps", "ops"] {
            for token in try Vectors.log(fixture[list]) {
                let operation = try SignedOperation(token: token)
                let kind = try #require(operation.kind)
                switch kind {
                case .identity:
                    let known = operation.signer.flatMap { identities.identity($0) }
                    let state =
                        try known.map { try $0.extended(by: operation) } ?? IdentityState(genesis: operation)
                    identities.insert(state)
                case .content:
                    let parent = operation.previousOperationCID.flatMap { contents[$0] }
                    contents[operation.cid] =
                        try parent?.extended(by: operation, identities: identities, keys: .current) { _, _ in false }
                        ?? ContentState(genesis: operation, identities: identities, keys: .current)
                case .artifact: _ = try Artifact(verifying: operation, identities: identities, keys: .current)
                case .countersign:
                    let signature = try Countersignature(verifying: operation, identities: identities, keys: .current)
                    #expect(signature.targetCID == fixture.text("queryCountersignedCid"))
                case .credential:
                    let credential = try Credential(verifying: operation, at: 1_735_689_600, identities: identities)
                    #expect(credential.isPublic)
                case .revocation:
                    let revocation = try Revocation(verifying: operation, identities: identities)
                    #expect(revocation.credentialCID == fixture.text("queryRevokedCredentialCid"))
                    #expect(revocation.issuer.string == fixture.text("queryRevocationIssuerDid"))
                }
                verified[kind, default: 0] += 1
            }
        }
        #expect(
            verified == [.identity: 6, .content: 3, .artifact: 2, .credential: 2, .revocation: 1, .countersign: 1])
        #expect(identities.identity(try DFOSDID(fixture.text("queryDeletedDid")))?.isDeleted == true)
        #expect(identities.identity(try DFOSDID(fixture.text("relayDid"))) != nil)
        #expect(contents.values.contains { $0.contentID.string == fixture.text("queryContentId") })
        #expect(contents.values.contains { $0.currentDocumentCID == fixture.text("queryDocumentCid") })
    }
}
