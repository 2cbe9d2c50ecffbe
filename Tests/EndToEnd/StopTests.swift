import Foundation
import Testing

extension EndToEnd {
    @Suite("Starting and stopping")
    struct StopTests {
        @Test("SIGTERM under load: every request that was taken gets its whole answer, and nothing stays behind")
        func stopUnderLoad() throws {
            let home = try Home()
            let node = try Node(in: home)
            let promise = try Promise(on: node)
            let load = Load(on: [node], promise.body, clients: 16, name: "load")
            try Patience.until("settlements are under way") { load.settledCount >= 200 }
            let bound = 10 * Patience.stretch
            node.signal(SIGTERM)
            let code = try node.ending(within: bound)
            #expect(code == 0, "\((try? Program.text(node.log)) ?? "")")
            #expect(home.postmaster == nil)
            #expect(Processes.naming(home.path).isEmpty)
            let attempts = try load.stop()
            // A connection that the server closed between two answers took no request: such a key was never settled.
            let unanswered = attempts.filter { $0.answer == nil }
            #expect(attempts.allSatisfy { $0.answer == nil || $0.isSettled || $0.answer?.status == 503 })
            let again = try Node(in: home)
            let retried = try Load.retry(unanswered.map(\.key), promise.body, on: again)
            #expect(retried.allSatisfy { $0.status == 201 && !$0.isReplayed }, "an accepted request got no answer")
            try promise.check(attempts, on: again)
            try again.stop()
        }

        @Test(
            "a second start finds everything as it was; a port that is taken and a bad data directory are explained"
        )
        func starts() throws {
            let home = try Home()
            var node = try Node(in: home)
            let (did, service) = (node.did, node.service.did)
            let person = Person()
            try home.fund(person.did, 7)
            let second = try Program.run(
                Program.path, ["up", "--data-dir", home.data, "--port-offset", "\(node.offset)"], within: 30)
            #expect(second.status == 69, "\(second.err)")
            let ports = [node.port, Node.registryPort + node.offset].map { "\($0)" }
            #expect(ports.contains { second.err.contains($0) }, "it names a port: \(second.err)")
            #expect(second.out.isEmpty)
            #expect(try node.available(person.did) == 7)
            try node.stop()
            #expect(home.postmaster == nil)
            node = try Node(in: home, offset: node.offset)
            #expect(node.did == did)
            #expect(node.service.did == service)
            #expect(try node.available(person.did) == 7)
            try node.stop()
            let file = try home.write("file", "")
            let bad = try Program.run(Program.path, ["up", "--data-dir", file + "/below"], within: 30)
            #expect(bad.status != 0 && bad.err.contains(file), "\(bad.status) \(bad.err)")
            let nowhere = try Program.run(
                Program.path, ["up", "--data-dir", home("other")],
                environment: ["DATABASE_URL": "postgresql://127.0.0.1:1/none?connect_timeout=2"], within: 30)
            #expect(nowhere.status == 69, "\(nowhere.status) \(nowhere.err)")
        }

        @Test("ops/run --once starts a node, demonstrates it, and stops it")
        func runScript() throws {
            let home = try Home()
            let offset = try Node.freeOffset()
            let run = try Program.run(
                Program.root.appendingPathComponent("ops/run").path,
                ["--once", "--data-dir", home.data, "--port-offset", "\(offset)"],
                environment: ["MJN_BINARY": Program.path, "MJN_STATE": home("state")])
            #expect(run.status == 0, "\(run.out) \(run.err)")
            for word in ["artist", "lyricist", "49.99 USD", "liability:cash:", "DEBIT", "CREDIT", "ledger verify: ok"] {
                #expect((run.out + run.err).contains(word), "\(word): \(run.out) \(run.err)")
            }
            #expect(Processes.naming(home.path).isEmpty)
        }
    }
}
