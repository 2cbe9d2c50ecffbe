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
        /// The checks that ran, `module.function`.
        let names: Set<String>
    }

    /// Which checks stand for each of the protocol's own tests.
    private static func promises() throws -> [String: [String]] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("python/conformance.json")
        return try JSONDecoder().decode([String: [String]].self, from: Data(contentsOf: file))
    }

    /// Those that take two relays.
    private static let parity = "parity."

    private func missing(_ report: Report, where isMeant: (String) -> Bool) throws -> [String] {
        Set(try Self.promises().values.joined()).filter { isMeant($0) && !report.names.contains($0) }.sorted()
    }

    @Test("each of the protocol's 197 conformance tests has a check that stands for it")
    func complete() throws {
        let promises = try Self.promises()
        #expect(promises.count == 197 && promises.values.allSatisfy { !$0.isEmpty })
    }

    @Test("two relays that were given the same in other orders answer alike")
    func twoRelays() async throws {
        let databases = [try await TestRelay.database(), try await TestRelay.database()]
        try await withRelay(databases[0]) { first in
            try await withRelay(databases[1]) { second in
                let report = try await report(first.base, ["--modules", "checks_parity", "--other", second.base])
                for failure in report.failed { Issue.record("\(failure.check): \(failure.why)") }
                #expect(try missing(report) { $0.hasPrefix(Self.parity) } == [])
            }
        }
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
            #expect(try missing(report) { !$0.hasPrefix(Self.parity) } == [])
            // What is switched off is checked where something is.
            #expect(report.skipped.isEmpty)
        }
    }

    @Test("what is switched off answers 501 on all its routes, and the rest serves", arguments: RelayCapabilities.names)
    func switchedOff(name: String) async throws {
        try await withRelay(try await TestRelay.database()) { setup in
            setup.settings.capabilities = RelayCapabilities(off: [name]) ?? RelayCapabilities()
        } _: { relay in
            let report = try await report(relay.base, ["--modules", "checks_switched_off"])
            for failure in report.failed { Issue.record("\(failure.check): \(failure.why)") }
            #expect(report.passed >= 2)
            let document = try await get(relay.base + "/.well-known/dfos-relay")
            for other in RelayCapabilities.names {
                #expect(document.json["capabilities"]?[other]?.bool == (other != name), "\(other)")
            }
        }
    }
}
