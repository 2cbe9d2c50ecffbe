import ChildProcesses
import Cryptography
import Foundation
import Histogram

/// One run of the benchmark: nodes started and stopped, accounts funded, scenarios measured in order.
final class BenchRun {
    struct RunError: Error, CustomStringConvertible {
        let description: String
    }

    private let settings: Bench
    private let folder: URL
    private let dataDirectory: URL
    /// Tells this run's idempotency keys, nonces and manifests from those of any other.
    let name = "b" + Hex.encode(RandomBytes.generate(5))
    private var report = BenchReport()

    init(settings: Bench, folder: URL) {
        self.settings = settings
        self.folder = folder
        // On a disk, where /tmp may be memory; a short path, since Postgres puts a socket there.
        dataDirectory = URL(fileURLWithPath: "/var/tmp/mjn-bench-\(getpid())", isDirectory: true)
    }

    func measure(_ scenarios: [Scenario]) throws -> BenchReport {
        defer { try? FileManager.default.removeItem(at: dataDirectory) }
        report.accounts = settings.accounts
        report.connections = settings.connections
        if settings.webhooks {
            let node = try start("node.log", environment: ["MJN_WEBHOOK_ALLOW_NETWORKS": "loopback"])
            defer { node.stop() }
            report.coldReadySeconds = node.readySeconds
            try measureWebhooks(node, try prepare(node))
            return report
        }
        let batched = scenarios.filter { !$0.isUnbatched }
        let unbatched = scenarios.filter(\.isUnbatched)

        Bench.say("starting a private node")
        let first = try start("node.log", environment: Webhooks.environment)
        do {
            defer { first.stop() }
            report.coldReadySeconds = first.readySeconds
            let workload = try prepare(first)
            for scenario in batched { try measure(scenario, on: first, workload: workload) }
            Bench.say("baseline: single-row INSERT, \(settings.insertSeconds) s")
            report.insertRowsPerSecond = try InsertBaseline.rowsPerSecond(
                databaseURL: first.databaseURL, seconds: settings.insertSeconds, folder: folder)
        }

        Bench.say("starting it again, on the warm cluster")
        let second = try start("node-one-by-one.log", environment: ["MJN_POSTER_BATCH_MAX": "1"])
        defer { second.stop() }
        report.warmReadySeconds = second.readySeconds
        if !unbatched.isEmpty {
            let workload = try makeWorkload(second)
            for scenario in unbatched { try measure(scenario, on: second, workload: workload) }
        }
        return report
    }

    private func start(_ log: String, environment: [String: String] = [:]) throws -> Node {
        try Node(
            binary: settings.mjn, dataDirectory: dataDirectory.path, portOffset: settings.portOffset,
            log: folder.appending(path: log), processFile: folder.appending(path: "node.pid"), environment: environment)
    }

    /// Funds the accounts, and lets the node see every known manifest once.
    private func prepare(_ node: Node) throws -> Workload {
        let workload = try makeWorkload(node)
        Bench.say("funding \(settings.accounts) accounts")
        let file = folder.appending(path: "accounts.jsonl")
        try workload.accounts.writeFunding(to: file)
        let started = LoadLoop.now()
        try fund(file, node)
        report.fundingSeconds = Double(LoadLoop.now() - started) / 1e9
        Bench.say("showing the node \(settings.manifests) manifests")
        let warmUp = Scenario(name: "warm-up", title: "", signing: .session, manifest: .known)
        let pool = try workload.pool(warmUp, settlements: settings.manifests, run: name + "w")
        let outcome = try loop(pool, connections: 64, node).run()
        guard outcome.settled == pool.count else {
            let refusal = outcome.firstRefusal ?? "none was refused with a body"
            throw RunError(description: "the warm-up failed: \(outcome.statuses); the first refusal: \(refusal)")
        }
        return workload
    }

    private func fund(_ file: URL, _ node: Node) throws {
        try mjn(["ledger", "fund", "--file", file.path], node)
    }

    /// Runs a command of the node's.
    func mjn(_ arguments: [String], _ node: Node) throws {
        let process = try ChildProcess(
            [settings.mjn] + arguments + ["--data-dir", dataDirectory.path],
            environment: ProcessInfo.processInfo.environment.merging(["DATABASE_URL": node.databaseURL]) { $1 },
            output: STDERR_FILENO, errors: STDERR_FILENO)
        guard process.waitForEnd() == 0 else {
            throw RunError(description: "mjn \(arguments.prefix(2).joined(separator: " ")) failed")
        }
    }

    private func makeWorkload(_ node: Node) throws -> Workload {
        let key = try JWK.decodePrivate(Array(try Data(contentsOf: URL(fileURLWithPath: node.serviceKey))))
        let accounts = try Accounts(count: settings.accounts, seed: "1")
        var random = SeededRandom(seed: 1)
        let known = try Manifests(count: settings.manifests, accounts: accounts, name: name, random: &random)
        guard let host = node.payURL.host(), let port = node.payURL.port else {
            throw RunError(description: "pay has no address: \(node.payURL)")
        }
        var workload = Workload(
            accounts: accounts, known: known, authority: "\(host):\(port)",
            serviceDID: DID(publicKey: key.publicKey).string, serviceKey: key)
        workload.session = try sessionKey(node, workload)
        return workload
    }

    private func sessionKey(_ node: Node, _ workload: Workload) throws -> (id: String, key: HMACSHA256.Key) {
        let pool = RequestPool()
        let signer = workload.signing(.ed25519, run: name + Hex.encode(RandomBytes.generate(3)))
        pool.append(signer.post("/api/session-keys", body: [], number: 0, isIdempotent: false))
        let load = try loop(pool, connections: 1, node)
        let outcome = try load.run()
        guard let answer = load.lastAnswer, outcome.settled == 1,
            let object = try? JSONDocument(parsing: answer).root,
            let id = object["key_id"]?.string, let secret = object["secret"]?.string.flatMap(Base64URL.decode)
        else {
            throw RunError(description: "no session key: \(outcome.statuses) \(outcome.firstRefusal ?? "")")
        }
        return (id, HMACSHA256.Key(secret))
    }

    func loop(_ pool: RequestPool, connections: Int, _ node: Node) throws -> LoadLoop {
        guard let port = node.payURL.port.flatMap(UInt16.init(exactly:)) else {
            throw RunError(description: "pay has no port: \(node.payURL)")
        }
        return try LoadLoop(pool: pool, port: port, connections: connections, secondsMax: settings.secondsMax)
    }

    func measure(_ scenario: Scenario, on node: Node, workload: Workload) throws {
        let count = min(settings.settlements, scenario.settlementsMax ?? settings.settlements)
        Bench.say("\(scenario.title): signing")
        let pool = try workload.pool(scenario, settlements: count, run: name + scenario.name)
        let load = try loop(pool, connections: scenario.connections ?? settings.connections, node)
        let postmaster = node.postmaster
        let server = ProcessTree(root: node.processID, without: postmaster.map { [$0] } ?? [])
        let database = postmaster.map { ProcessTree(root: $0) }
        let before = (server.cpuSeconds, database?.cpuSeconds ?? 0, ProcessTree.ownSeconds)
        let outcome = try load.run()
        let after = (server.cpuSeconds, database?.cpuSeconds ?? 0, ProcessTree.ownSeconds)
        func micros(_ seconds: Double) -> Double { seconds * 1e6 / Double(max(1, outcome.settled)) }
        func milliseconds(_ percentile: Double) -> Double {
            Double(outcome.latencies.valueAtPercentile(percentile)) / 1e6
        }
        let resident = server.resident
        let result = BenchResult(
            name: scenario.name, title: scenario.title, settlements: outcome.settled, requests: outcome.requests,
            seconds: outcome.seconds, settlementsPerSecond: Double(outcome.settled) / max(outcome.seconds, 1e-9),
            target: scenario.target, p50Milliseconds: milliseconds(50), p99Milliseconds: milliseconds(99),
            p999Milliseconds: milliseconds(99.9), nodeMicroseconds: micros(after.0 - before.0),
            postgresMicroseconds: database == nil ? nil : micros(after.1 - before.1),
            driverMicroseconds: micros(after.2 - before.2), residentBytes: resident.now,
            residentPeakBytes: resident.peak,
            statuses: Dictionary(uniqueKeysWithValues: outcome.statuses.map { (String($0.key), $0.value) }),
            notSettled: pool.count * scenario.batchSize - outcome.settled, firstRefusal: outcome.firstRefusal)
        report.results.append(result)
        Bench.say("\(scenario.title): \(Int(result.settlementsPerSecond)) settlements/s, \(result.notSettled) failed")
        if let refusal = outcome.firstRefusal { Bench.say("  the first refusal: \(refusal)") }
    }
}
