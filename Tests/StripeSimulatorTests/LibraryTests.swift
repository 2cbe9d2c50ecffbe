import Foundation
import PythonRunning
import StripeSimulator
import Testing

/// Stripe's own Python library against the simulator: it shares no code with it.
@Suite struct LibraryTests {
    private struct Report: Decodable {
        struct Failure: Decodable {
            let check: String
            let why: String
        }

        let passed: Int
        let failed: [Failure]
        let violations: [String]
        let balance_proof: [String]
    }

    @Test("Stripe's library does everything against the simulator, and reads all that it answers and signs")
    func everything() async throws {
        let server = try await StripeServer.start(world: StripeWorld(seed: 5)) {
            Int64(Date().timeIntervalSince1970) * 1000
        }
        let driver = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("python/driver.py").path
        let outcome = try await Python.run([driver, server.url])
        await server.stop()
        let report = try? JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        let read = try #require(report, "the checks did not run: \(outcome.errors)")
        for failure in read.failed { Issue.record("\(failure.check): \(failure.why)") }
        #expect(read.passed >= 22)
        #expect(read.balance_proof.isEmpty)
        // The key that is used for something else on purpose, and the parameter that is unknown on purpose.
        #expect(read.violations.count == 1)
    }
}
