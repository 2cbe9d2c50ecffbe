import Cryptography
import Foundation
import Service
import Testing

extension EndToEnd {
    @Suite("Secrets")
    struct SecretsTests {
        @Test("keys, session secrets and passwords stand in no log, no error, no process list and no report")
        func canaries() throws {
            let home = try Home()
            let first = try Node(in: home, ["MJN_LOG_LEVEL": "trace"])
            let password = "canary-\(UUID().uuidString)"
            let url = first.databaseURL + "&password=" + password
            let settings = ["MJN_LOG_LEVEL": "trace", "DATABASE_URL": url]
            let second = try Node(in: home, settings)
            var secrets = [password]
            for file in ["service", "node"] {
                let seed = try Person(jwk: home.data + "/keys/\(file).jwk").key.seed
                secrets += [Base64URL.encode(seed), Hex.encode(seed), Base64.encode(seed), Base58.encode(seed)]
            }
            var seen = ""
            for node in [first, second] {
                let made = try node.send(.post("/api/session-keys", "", by: node.service)).json
                let text = try #require(made?["secret"]?.string)
                let secret = try #require(Base64URL.decode(text))
                secrets += [text, Hex.encode(secret), Base64.encode(secret)]
                let session = RequestSigner(sessionKeyID: try #require(made?["key_id"]?.string), secret: secret)
                seen += try provoke(node, session)
            }
            // Trouble with the database is what connection strings are printed for.
            let postmaster = try #require(home.postmaster)
            kill(postmaster, SIGKILL)
            for node in [first, second] { seen += try node.send(.get("/api/ready")).text }
            try Patience.until("both serve again") {
                try first.send(.get("/api/ready")).status == 200 && second.send(.get("/api/ready")).status == 200
            }
            for node in [first, second] {
                for pid in Processes.descendants(of: node.pid) { seen += Processes.commandLine(pid) ?? "" }
            }
            for pid in Processes.naming(home.path) { seen += Processes.commandLine(pid) ?? "" }
            for arguments in [["doctor", "--config"], ["doctor"], ["ledger", "verify"], ["migrate", "--status"]] {
                for address in [
                    url, "postgresql://mjn:\(password)@127.0.0.1:1/mjn?connect_timeout=2", "host=/ \(password)",
                ] {
                    let run = try home.mjn(arguments, ["DATABASE_URL": address, "MJN_LOG_LEVEL": "trace"])
                    seen += run.out + run.err
                }
            }
            try second.stop()
            try first.stop()
            let logs = try [first, second].map { try Program.text($0.log) }
            #expect(logs.allSatisfy { $0.contains("\"level\"") }, "something was logged")
            let lines = (seen + logs.joined()).split(whereSeparator: \.isNewline)
            for (index, secret) in secrets.enumerated() {
                let line = lines.first { $0.contains(secret) }
                #expect(line == nil, "secret \(index) is seen")
            }
            for key in ["service.jwk", "node.jwk"] {
                let mode = try FileManager.default.attributesOfItem(atPath: home.data + "/keys/" + key)[
                    .posixPermissions]
                #expect(mode as? Int == 0o600, "\(key)")
            }
        }

        /// Errors of many kinds, with everything secret in play.
        private func provoke(_ node: Node, _ session: RequestSigner) throws -> String {
            var requests: [Request] = [
                .post("/api/settle", "{", key: "a", by: node.service),
                .post("/api/settle", "{}", key: "b", by: node.service),
                .get("/api/transactions/\(node.did)?limit=\u{25}zz", by: node.service),
                .get("/api/nothing", by: node.service),
                .get("/api/settlements/'", by: node.service),
            ]
            requests += requests.map { request in request.with { $0.signer = session } }
            requests += requests.map { request in request.with { $0.sentBody = [0x5b] } }
            requests.append(requests[0].with { $0.signer = nil })
            return try requests.map { request in
                let answer = try node.send(request.with { $0.nonce = UUID().uuidString })
                #expect((400..<500).contains(answer.status), "\(answer.text)")
                return answer.text + answer.headers.map { "\($0): \($1)" }.joined()
            }.joined()
        }
    }
}
