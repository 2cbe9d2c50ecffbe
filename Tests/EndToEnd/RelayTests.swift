import ChildProcesses
import Foundation
import Testing

extension EndToEnd {
    @Suite("The relay of a node")
    struct RelayTests {
        private func ask(_ target: String, at port: Int) throws -> Answer {
            let wire = try Wire(port: port)
            try wire.send(Request.get(target).bytes(to: "127.0.0.1:\(port)"))
            return try wire.receive(within: 30)
        }

        /// A relay's identity, as `.well-known/dfos-relay` says it.
        private func identity(at port: Int, _ mount: String) throws -> String {
            let answer = try ask("\(mount)/.well-known/dfos-relay", at: port)
            #expect(answer.status == 200)
            let document = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any]
            return try #require(document?["did"] as? String)
        }

        @Test("`mjn up` serves it at both mounts, and it is the same after a restart; `mjn serve` serves it alone")
        func serves() throws {
            let home = try Home()
            var node = try Node(in: home)
            let port = Node.registryPort + node.offset
            let did = try identity(at: port, "/relay")
            #expect(did.hasPrefix("did:dfos:"))
            #expect(try identity(at: port, "") == did)
            let mode = try FileManager.default.attributesOfItem(atPath: home.data + "/keys/relay.jwk")
            #expect(mode[.posixPermissions] as? Int == 0o600)
            try node.stop()
            node = try Node(in: home, offset: node.offset)
            #expect(try identity(at: port, "/relay") == did)
            // Its own, without the node's key, on the same database.
            let offset = try Node.freeOffset()
            let data = home("alone")
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            let out = home("alone.out")
            let alone = try Program.start(
                Program.path,
                ["serve", "--service", "registry", "--json", "--data-dir", data, "--port-offset", "\(offset)"],
                environment: [
                    "DATABASE_URL": node.databaseURL, "MJN_RELAY_KEY": home.data + "/keys/relay.jwk",
                    "MJN_RELAY_OFF": "signing",
                ], out: out, err: home("alone.log"))
            defer { alone.end() }
            try Patience.until("the relay serves") {
                try #require(alone.isRunning, "\((try? Program.text(home("alone.log"))) ?? "")")
                return try Program.text(out).hasSuffix("\n")
            }
            #expect(try identity(at: Node.registryPort + offset, "/relay") == did)
            let off = try ask("/signing/v0/requests", at: Node.registryPort + offset)
            #expect(off.status == 501)
            alone.signal(SIGTERM)
            #expect(alone.exitStatus(withinSeconds: Patience.seconds) == 0)
            try node.stop()
        }

        @Test("settings that make no sense are named, and end it with 64; a key that is not there is explained")
        func settings() throws {
            let home = try Home()
            for (name, value) in [
                ("MJN_RELAY_OFF", "everything"), ("MJN_RELAY_PATHS", "relay"), ("MJN_RELAY_PATHS", "/api"),
                ("MJN_RELAY_PEERS", "relay.example"), ("MJN_RELAY_PEERS", "https://relay.example;no-thing"),
                ("MJN_RELAY_WRITES_PER_SECOND", "0"), ("MJN_RELAY_PENDING_MAX", "many"),
            ] {
                let answer = try Program.run(
                    Program.path, ["serve", "--service", "registry", "--data-dir", home.data],
                    environment: [name: value], within: 30)
                #expect(answer.status == 64, "\(name)=\(value): \(answer.status) \(answer.err)")
                #expect(answer.err.contains(name), "\(answer.err)")
            }
        }
    }
}
