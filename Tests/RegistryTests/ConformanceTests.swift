import Cryptography
import Foundation
import PythonRunning
import Registry
import Testing

/// The protocol's checks, by a client that shares no code with the relay.
@Suite struct ConformanceTests {
    private struct Report: Decodable {
        struct Failure: Decodable {
            let check: String
            let why: String
        }

        let passed: Int
        let failed: [Failure]
        let skipped: [String]
    }

    private static let suite = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("python/suite.py").path

    private func report(_ base: String, _ arguments: [String] = []) async throws -> Report {
        let outcome = try await Python.run([Self.suite, base] + arguments)
        let report = try? JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        return try #require(report, "the checks did not run: \(outcome.errors)")
    }

    @Test("every check holds, below a path and at the origin's root, and none is skipped", arguments: ["/relay", ""])
    func everything(mount: String) async throws {
        try await withRelay(try await TestRelay.database()) { relay in
            let report = try await report(relay.origin + mount)
            for failure in report.failed { Issue.record("\(failure.check): \(failure.why)") }
            #expect(report.passed >= 216)
            // What is switched off is checked where something is.
            #expect(report.skipped.isEmpty)
        }
    }

    @Test("two relays that were given the same in other orders answer alike")
    func twoRelays() async throws {
        let databases = [try await TestRelay.database(), try await TestRelay.database()]
        try await withRelay(databases[0]) { first in
            try await withRelay(databases[1]) { second in
                let report = try await report(first.base, ["--modules", "checks_two_relays", "--other", second.base])
                for failure in report.failed { Issue.record("\(failure.check): \(failure.why)") }
                #expect(report.passed == 4)
            }
        }
    }

    @Test("what is switched off answers 501 on all its routes, and the rest serves", arguments: RelayCapabilities.names)
    func switchedOff(name: String) async throws {
        let (database, key) = (try await TestRelay.database(), Ed25519PrivateKey())
        // What was here before is served also where nothing is taken any more.
        try await withRelay(database) { setup in
            setup.key = key
        } _: { relay in
            let before = try await report(relay.base, ["--modules", "checks_identity"])
            #expect(before.failed.isEmpty)
        }
        try await withRelay(database) { setup in
            setup.key = key
            setup.settings.capabilities = RelayCapabilities(off: [name]) ?? RelayCapabilities()
        } _: { relay in
            let report = try await report(relay.base, ["--modules", "checks_switched_off"])
            for failure in report.failed { Issue.record("\(failure.check): \(failure.why)") }
            #expect(report.passed >= 4)
            let document = try await get(relay.base + "/.well-known/dfos-relay")
            for other in RelayCapabilities.names {
                #expect(document.json["capabilities"]?[other]?.bool == (other != name), "\(other)")
            }
        }
    }
}
