import ChildProcesses
import Cryptography
import Foundation
import HTTPClient
import Kernel
import LedgerStore
import PostgresClient
import Settlement
import Solana

/// A Solana of this machine's own, for development: the real token programs behind JSON-RPC, in memory.
///
/// It forgets everything when it ends. Its tokens have the same mints at every start, and the treasury has what the
/// book says that it has.
final class LocalSolana: Sendable {
    /// Its JSON-RPC address.
    let url: String
    private let server: ChildServer
    private let http: HTTPClient
    private let keyPath: String
    private let treasury: SolanaAddress

    private static let currencies = [Currency.mjn, .usdc, .sol]
    /// The program, from the project's folder.
    private static let program = "Tests/Support/SolanaChain/python/server.py"
    private static let treasuryLamports: Int64 = 10_000_000_000

    private init(
        url: String, server: ChildServer, http: HTTPClient, keyPath: String, treasury: SolanaAddress
    ) {
        self.url = url
        self.server = server
        self.http = http
        self.keyPath = keyPath
        self.treasury = treasury
    }

    /// Starts one; installs its Python packages where they are missing.
    /// - Throws: exit code 69 outside a checkout of the project.
    static func start(dataDirectory: String) async throws -> LocalSolana {
        let root = try checkout()
        let keys = try NodeKeys.developmentFolder(dataDirectory)
        let path = keys + "/solana-treasury.jwk"
        if !FileManager.default.fileExists(atPath: path) { try KeyFile.writePrivate(Ed25519PrivateKey(), to: path) }
        let treasury = SolanaAddress(try KeyFile.readPrivate(path).publicKey)
        let server = try await DedicatedThread.run(name: "local-solana") { try serve(root) }
        let line = try await DedicatedThread.run(name: "local-solana") { try server.firstLine(withinSeconds: 60) }
        guard let url = try? JSONDocument(parsing: line).root["rpc"]?.string else {
            throw CLIFailure("the local Solana said: \(line)", exitCode: ExitStatus.unavailable)
        }
        let http = try HTTPClient(HTTPClientConfiguration(egress: .any))
        let chain = LocalSolana(url: url, server: server, http: http, keyPath: path, treasury: treasury)
        for currency in currencies where currency != .sol {
            try await chain.call("test_createMint") {
                $0.string(Self.mint(currency).description)
                $0.int(currency.exponent)
                $0.string(treasury.description)
                $0.string(SolanaProgram.token.description)
            }
        }
        try await chain.call("test_airdrop") {
            $0.string(treasury.description)
            $0.int(treasuryLamports)
        }
        try await chain.fund([:])
        let text = chain.settings.sorted { $0.key < $1.key }.map { "\($0)=\($1)\n" }.joined()
        try AtomicFile.replace(chain.settingsPath, with: Array(text.utf8))
        return chain
    }

    private static func serve(_ root: String) throws -> ChildServer {
        let python = root + "/.mjn/venv/bin/python3"
        if (try? ChildProcess.run([python, "-c", "import solders"]).status) != 0 {
            let setup = try ChildProcess(
                [root + "/ops/setup", "test"], directory: root, output: STDERR_FILENO, errors: STDERR_FILENO)
            guard setup.waitForEnd() == 0 else {
                throw CLIFailure(
                    "the local Solana could not be installed", fix: "run: ops/setup test",
                    exitCode: ExitStatus.unavailable)
            }
        }
        return try ChildServer([python, "-B", root + "/" + program, "--live"], errors: STDERR_FILENO)
    }

    /// The project's folder: here, or above the program.
    private static func checkout() throws(CLIFailure) -> String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        for start in [URL(fileURLWithPath: FileManager.default.currentDirectoryPath), own] {
            var folder = start
            while folder.path != "/" {
                if FileManager.default.fileExists(atPath: folder.path + "/" + program) { return folder.path }
                folder.deleteLastPathComponent()
            }
        }
        throw CLIFailure(
            "the local Solana is part of a checkout of MJN, and there is none here",
            fix: "run this in the project's folder, or set MJN_SOLANA_RPC_URL", exitCode: ExitStatus.unavailable)
    }

    /// A mint that is the same at every start; that of SOL is there.
    private static func mint(_ currency: Currency) -> SolanaAddress {
        if currency == .sol { return SolanaToken.nativeMint }
        guard let address = SolanaAddress(bytes: SHA256.hash(Array("mjn local \(currency.code)".utf8))) else {
            preconditionFailure("a digest has 32 bytes")
        }
        return address
    }

    /// A file with the settings for commands beside the node: `set -a; . FILE`.
    var settingsPath: String { keyPath.replacing("/keys/solana-treasury.jwk", with: "/solana-local.env") }

    /// The settings of a node that uses it.
    var settings: [String: String] {
        [
            "MJN_SOLANA_RPC_URL": url, "MJN_SOLANA_TREASURY_KEY": keyPath, "MJN_SOLANA_RPC_RATE": "1000",
            "MJN_SOLANA_MINTS": Self.currencies.map { "\($0.code)=\(Self.mint($0))" }.joined(separator: ","),
        ]
    }

    /// Gives the treasury what the book says that it has.
    func fund(from store: PostgresLedgerStore) async throws {
        let clearing = try await store.bookAccounts().filter {
            $0.key.kind == .clearing && $0.key.detail == RailName.solana.rawValue
        }
        try await fund(
            Dictionary(clearing.map { ($0.key.currency, $0.counters.balance(.asset)) }) { first, _ in first })
    }

    private func fund(_ balances: [String: Int64]) async throws {
        for currency in Self.currencies {
            try await call("test_fund") {
                $0.string(treasury.description)
                $0.string(Self.mint(currency).description)
                $0.int(max(0, balances[currency.code] ?? 0))
            }
        }
    }

    private func call(_ method: String, _ parameters: (inout JSONWriter) -> Void) async throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("jsonrpc", "2.0")
        writer.field("id", 1)
        writer.field("method", method)
        writer.array("params") { parameters(&$0) }
        writer.endObject()
        let answer = try await http.send(
            HTTPRequest(.post, url, headers: ["Content-Type": "application/json"], body: writer.bytes))
        guard try JSONDocument(parsing: answer.body).root["result"] != nil else {
            throw CLIFailure("the local Solana refuses \(method)", exitCode: ExitStatus.unavailable)
        }
    }

    /// Ends it.
    func stop() async {
        unlink(settingsPath)
        await http.shutdown()
        server.process.signal(SIGTERM)
    }
}
