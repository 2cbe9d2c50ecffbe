import ArgumentParser
import Cryptography
import Foundation

/// Measures settlements a second on a node of its own, beside two baselines taken in the same run.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mjn-bench",
        abstract: "Measures settlements a second on a private node, beside two baselines.",
        discussion: "Example: mjn-bench --only known,session --settlements 20000")

    @Option(help: "The mjn program.") var mjn = ".build/release/mjn"
    @Option(help: "Where logs and results go.") var output = ".mjn/bench"
    @Option(help: "Added to every port of the private node.") var portOffset = 20_000
    @Option(help: "Funded accounts, payers and payees alike.") var accounts = 100_000
    @Option(help: "Manifests that the node has seen before it is measured.") var manifests = 4_000
    @Option(help: "Settlements in each scenario, at most.") var settlements = 100_000
    @Option(help: "Connections, each waiting for its answer before it sends again.") var connections = 256
    @Option(help: "Seconds after which a scenario is stopped.") var secondsMax = 90.0
    @Option(help: "Seconds that the INSERT baseline runs.") var insertSeconds = 10
    @Option(help: "Scenarios, comma-separated: known,new,session,batch,batch-cid,hot,one-by-one,webhooks.")
    var only: String?
    @Option(help: "Verifies an identity chain of so many operations instead, on one core, and prints the rate.")
    var chain: Int?
    @Option(help: "Asks for the keys of so many DIDs instead, as settlements do, and prints what that costs.")
    var identities: Int?
    @Flag(help: "Compares settlements without a webhook endpoint and with one whose receiver hangs or fails, instead.")
    var webhooks = false
    @Option(help: "Builds and signs so many Solana transactions for five payees instead, and prints the rate.")
    var splits: Int?
    @Option(help: "Judges so many answers about paid Solana transactions instead, and prints the rate.")
    var detections: Int?
    @Flag(help: "Prints the JSON to stdout instead of the table.") var json = false

    func validate() throws {
        guard (1...1_000_000).contains(accounts), (1...100_000).contains(manifests),
            (1...500_000).contains(settlements),
            (1...10_000).contains(connections)
        else { throw ValidationError("a number is out of bounds") }
        if let chain, !(2...100_000).contains(chain) { throw ValidationError("a chain has 2 to 100,000 operations") }
        let known = Scenario.all.map(\.name)
        if let identities, !(1...1_000_000).contains(identities) {
            throw ValidationError("identities are 1 to 1,000,000")
        }
        if let splits, !(1...10_000_000).contains(splits) { throw ValidationError("splits are 1 to 10,000,000") }
        if let detections, !(1...1_000_000).contains(detections) {
            throw ValidationError("detections are 1 to 1,000,000")
        }
        if let wrong = chosen.first(where: { !known.contains($0) }) { throw ValidationError("no scenario \(wrong)") }
    }

    private var chosen: [String] {
        only.map { $0.split(separator: ",").map(String.init) } ?? Scenario.all.map(\.name)
    }

    func run() throws {
        if let chain {
            let rate = Int(try ChainBench.measure(chain))
            return print("\(rate) operations/s a core, in a chain of \(chain)")
        }
        if let identities {
            let cost = try IdentityBench.measure(identities)
            return print(
                "\(Int(cost.directory)) ns a settlement to know whose keys count, of \(identities) DIDs; "
                    + "\(Int(cost.ownKeys)) ns where each is its own key")
        }
        if let splits {
            return print("\(Int(try SplitBench.measure(splits))) splits/s a core, built and signed for five recipients")
        }
        if let detections {
            let rate = Int(try DetectionBench.measure(detections))
            return print("\(rate) payments detected/s a core, of five recipients")
        }
        let folder = URL(fileURLWithPath: output, isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let run = BenchRun(settings: self, folder: folder)
        let report = try run.measure(Scenario.all.filter { chosen.contains($0.name) })
        let file = folder.appending(path: "result.json")
        try report.write(to: file)
        print(json ? String(decoding: try Data(contentsOf: file), as: UTF8.self) : report.table)
        Self.say("written to \(file.path)")
        if report.results.contains(where: { $0.notSettled > 0 }) { throw ExitCode(1) }
    }

    static func say(_ message: String) { FileHandle.standardError.write(Data("==> \(message)\n".utf8)) }
}
