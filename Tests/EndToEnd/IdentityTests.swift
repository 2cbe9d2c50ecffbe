import Cryptography
import Foundation
import IdentityDouble
import Kernel
import ProofChain
import Service
import Settlement
import Testing

extension EndToEnd {
    @Suite("Identities that change their keys")
    struct IdentityTests {
        private static let settings = ["MJN_IDENTITY_MAX_AGE": "1"]
        private static var nowMs: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
        /// A rotation counts within a second; a busy machine gets more.
        private static var promptly: Double { 10 * Patience.stretch }

        /// Publishes operations at a node's registry; each must be new.
        private func publish(_ operations: [SignedOperation], at node: Node) throws {
            let list = operations.map { "\"\($0.token)\"" }.joined(separator: ",")
            let answer = try node.registry(.post("/relay/proof/v1/operations", #"{"operations":[\#(list)]}"#))
            let statuses = answer.json?["results"]?.elements.map { $0["status"]?.string ?? "" } ?? []
            try #require(statuses == operations.map { _ in "new" }, "\(answer.summary) \(answer.text)")
        }

        private func balance(of did: String, _ signer: RequestSigner) -> Request {
            Request(target: "/api/balance/\(did)", signer: signer)
        }

        private func settle(
            _ manifest: String, _ node: Node, from payer: Person, _ location: SourceLocation = #_sourceLocation
        ) throws -> String {
            try node.send(.settle(Text.settle(manifest, from: payer.did), by: node.service)).summary
        }

        private func session(_ person: Person, at node: Node) throws -> RequestSigner {
            let json = try node.send(.post("/api/session-keys", "", by: person)).json
            return RequestSigner(
                sessionKeyID: try #require(json?["key_id"]?.string),
                secret: try #require(json?["secret"]?.string.flatMap { Base64URL.decode($0) }))
        }

        @Test("a rotated key is refused within the maximal age, everywhere, on every server; the new one counts")
        func rotation() throws {
            let home = try Home()
            let node = try Node(in: home, Self.settings)
            let other = try Node(
                in: home,
                Self.settings.merging([
                    "DATABASE_URL": node.databaseURL, "MJN_RELAY_URL": "http://127.0.0.1:\(node.registryPort)/relay",
                ]) { $1 })
            let (payer, artist) = (Person(), Person())
            try home.fund(payer.did, 100_000)
            var chains = try [payer, artist].map { try ScriptedIdentity($0.key, atMs: Self.nowMs) }
            try publish(chains.map(\.log[0]), at: node)
            let before = try artist.sign(Text.manifest([(artist.did, "1")]))
            let anchored = try artist.sign(Text.manifest([(artist.did, "1")]))
            let after = try artist.sign(Text.manifest([(artist.did, "1")]))
            #expect(try settle(before, node, from: payer) == "201 -")
            let anchor = #"{"$schema":"\#(ManifestAnchor.schema)","manifest":"\#(try Text.cid(anchored))"}"#
            try publish([try chains[1].artifact(anchor, atMs: Self.nowMs)], at: node)
            let sessions = try [node, other].map { try session(payer, at: $0) }
            for (session, server) in zip(sessions, [node, other]) {
                #expect(try server.send(balance(of: payer.did, session)).status == 200)
            }
            let keys = [Ed25519PrivateKey(), Ed25519PrivateKey()]
            for index in chains.indices { try chains[index].rotate(to: keys[index], atMs: Self.nowMs) }
            try publish(chains.map(\.last), at: node)
            let old = RequestSigner(key: payer.key)
            let new = RequestSigner(key: keys[0], did: try DID(payer.did))
            for (session, server) in zip(sessions, [node, other]) {
                let took = try Patience.until("the old key is refused", within: Self.promptly) {
                    try server.send(balance(of: payer.did, old)).status == 401
                }
                print("refused after \(took) s")
                let refused = try server.send(balance(of: payer.did, old))
                #expect(refused.code == "signature_invalid" && refused.text.contains("rotated out"))
                #expect(try server.send(balance(of: payer.did, session)).summary == "401 signature_invalid")
                #expect(try server.send(balance(of: payer.did, new)).status == 200)
                #expect(try settle(before, server, from: payer) == "201 -", "recorded before")
                #expect(try settle(anchored, server, from: payer) == "201 -", "anchored before")
                #expect(try settle(after, server, from: payer) == "422 key_retired")
            }
            let renewed = try ManifestSigner.sign(
                JSONDocument(parsing: Text.manifest([(artist.did, "1")])).root, key: keys[1],
                signer: try DID(artist.did))
            #expect(try settle(String(decoding: renewed, as: UTF8.self), node, from: payer) == "201 -")
            let proof = try home.mjn(["ledger", "verify", "--signatures", "--format", "json"])
            #expect(proof.status == 0, "\(proof.out) \(proof.err)")
            try other.stop()
            try node.stop()
        }

        @Test("while the relay is out, unseen signers are asked to come again, and whoever is known goes on")
        func relayOut() throws {
            let (relayHome, home) = (try Home(), try Home())
            let relay = try Node(in: relayHome)
            let node = try Node(
                in: home,
                Self.settings.merging(["MJN_RELAY_URL": "http://127.0.0.1:\(relay.registryPort)/relay"]) { $1 })
            let (known, bound, unseen) = (Person(), Person(), Person())
            var chain = try ScriptedIdentity(bound.key, atMs: Self.nowMs)
            let key = Ed25519PrivateKey()
            try chain.rotate(to: key, atMs: Self.nowMs + 1)
            try publish(chain.log, at: relay)
            let rotated = balance(of: bound.did, RequestSigner(key: key, did: try DID(bound.did)))
            try Patience.until("the chain counts", within: Self.promptly) { try node.send(rotated).status == 200 }
            #expect(try node.send(.get("/api/balance/\(known.did)", by: known)).status == 200)
            try relay.stop()
            try Patience.until("the copy is stale", within: Self.promptly) {
                try node.send(.get("/api/balance/\(unseen.did)", by: Person())).status != 403
            }
            let refused = try node.send(.get("/api/balance/\(unseen.did)", by: unseen))
            #expect(refused.summary == "503 identity_unavailable" && refused.headers["retry-after"] != nil)
            #expect(try node.send(.get("/api/balance/\(known.did)", by: known)).status == 200)
            #expect(try node.send(rotated.with { $0.nonce = UUID().uuidString }).status == 200)
            let ready = try node.send(.get("/api/ready"))
            #expect(ready.status == 200 && ready.text.contains(#"{"name":"identities","ok":false,"reason":"the copy"#))
            try node.stop()
        }

        @Test("a second chain of the same key binds nothing, and the operator is told")
        func conflict() throws {
            let home = try Home()
            let node = try Node(in: home, Self.settings)
            let person = Person()
            let chains = try ["first", "second"].map { try ScriptedIdentity(person.key, atMs: Self.nowMs, name: $0) }
            for chain in chains { try publish(chain.log, at: node) }
            try Patience.until("the conflict is counted", within: Self.promptly) {
                try node.send(.get("/metrics")).text.contains("mjn_pay_identity_conflicts 1")
            }
            #expect(try node.send(.get("/api/balance/\(person.did)", by: person)).status == 200)
            let doctor = try home.mjn(["doctor", "--format", "json"])
            #expect(doctor.out.contains(person.did), "\(doctor.out)")
            #expect(try Program.text(node.log).contains("a second chain claims a DID"))
            func shown(_ format: String = "json") throws -> String {
                try home.mjn(["chain", "show", "--did", person.did, "--format", format]).out
            }
            func resolve(keeping chain: DFOSDID, _ head: [String] = []) throws -> Program.Run {
                try home.mjn(
                    ["account", "resolve", person.did, "--keep", chain.string, "--reason", "by phone"] + head)
            }
            #expect(try shown().contains(#""payouts_frozen":true"#))
            let wrong = try resolve(keeping: chains[1].state.did)
            #expect(wrong.status == 1 && wrong.err.contains("the first chain stays"), "\(wrong.err)")
            let right = try resolve(keeping: chains[0].state.did)
            #expect(right.status == 0 && right.out.contains(#""conflict_resolved":true"#), "\(right.err)")
            try Patience.until("the running node follows", within: Self.promptly) {
                try node.send(.get("/metrics")).text.contains("mjn_pay_identity_conflicts 0")
            }
            #expect(try shown().contains(#""payouts_frozen":false"#))
            // What a relay that serves a fork leaves behind.
            let broken = try Program.run(
                "/usr/bin/psql", [node.databaseURL, "-qc", "UPDATE pay.identities SET broken_position = 9"],
                environment: [:])
            #expect(broken.status == 0, "\(broken.err)")
            #expect(try shown().contains(#""broken":true"#))
            #expect(try shown("table").contains("an operation did not follow"))
            let blind = try resolve(keeping: chains[0].state.did)
            #expect(blind.status == 1 && blind.err.contains(chains[0].last.cid.string), "\(blind.err)")
            let mended = try resolve(keeping: chains[0].state.did, ["--head", chains[0].last.cid.string])
            #expect(mended.status == 0 && mended.out.contains(#""break_mended":true"#), "\(mended.err)")
            #expect(try shown().contains(#""broken":false"#))
            #expect(try home.mjn(["account", "audit", "--format", "csv"]).out.contains("resolve did:dfos:"))
            try node.stop()
        }
    }
}

extension Node {
    /// The registry's port without an offset.
    static let registryServicePort = 3002

    /// Where the node's registry listens.
    var registryPort: Int { Self.registryServicePort + offset }

    /// Sends a request to the node's registry.
    func registry(_ request: Request) throws(WireFailure) -> Answer {
        let wire = try Wire(port: registryPort)
        try wire.send(request.bytes(to: "127.0.0.1:\(registryPort)"))
        return try wire.receive()
    }
}
