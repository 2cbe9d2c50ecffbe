import Foundation
import Synchronization
import Testing

/// A folder of one test, with its nodes' data directory below; gone with everything that runs in it afterwards.
final class Home: Sendable {
    let path: String
    private let count = Atomic<Int>(0)

    init() throws {
        var template = Array((Keeper.prefix + "XXXXXX").utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
        // Postgres runs as an account of its own, and has to get in.
        chmod(path, 0o755)
        try Keeper.shared.watch(path)
    }

    /// A path inside.
    func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// The node's data directory.
    var data: String { self("data") }

    /// A name that no file here has yet.
    func next(_ name: String) -> String { "\(name)-\(count.wrappingAdd(1, ordering: .relaxed).newValue)" }

    /// Writes a file and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
        return self(name)
    }

    /// The process number of the Postgres that runs here.
    var postmaster: Int32? {
        let file = data + "/postgres/data/postmaster.pid"
        guard let line = (try? Program.text(file))?.split(separator: "\n").first, let pid = Int32(line),
            Processes.commandLine(pid)?.contains(path) == true
        else { return nil }
        return pid
    }

    /// Runs `mjn` on this data directory.
    func mjn(_ arguments: [String], _ settings: [String: String] = [:]) throws -> Program.Run {
        try Program.run(
            Program.path, arguments, environment: ["MJN_DATA_DIR": data].merging(settings) { $1 })
    }

    /// Puts money into balances.
    func fund(_ did: String, _ amount: Int64, _ currency: String = "USD", as kind: String = "cash") throws {
        let run = try mjn(
            ["ledger", "fund", "--did", did, "--amount", "\(amount)", "--currency", currency, "--as", kind])
        try #require(run.status == 0, "\(run.err)")
    }

    /// What `mjn ledger verify` says; the book must add up.
    func verify(_ location: SourceLocation = #_sourceLocation) throws -> Verification {
        let run = try mjn(["ledger", "verify", "--format", "json"])
        #expect(run.status == 0, "\(run.out) \(run.err)", sourceLocation: location)
        let found = try JSONDecoder().decode(Verification.self, from: Data(run.out.utf8))
        #expect(found.ok && found.findings.isEmpty, "\(run.out)", sourceLocation: location)
        return found
    }

    /// Ends what still runs here, and removes it.
    func remove() {
        for pid in Processes.naming(path) { kill(pid, SIGKILL) }
        _ = try? Patience.until("everything in \(path) has ended", within: 10) { Processes.naming(path).isEmpty }
        try? FileManager.default.removeItem(atPath: path)
    }

    deinit { remove() }
}

/// The reply of `mjn ledger verify --format json`.
struct Verification: Decodable, Equatable {
    struct Finding: Decodable, Equatable {
        let code: String
    }

    let ok: Bool
    let entries: Int
    let postings: Int
    let head_hash: String
    let findings: [Finding]
}
