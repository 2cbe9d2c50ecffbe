/// The one table of which target may depend on which, and the checks that hold the package to it.
///
/// It repeats the arrows of the architecture, not those of `Package.swift`: a new arrow is drawn here first.
enum Arrows {
    /// Libraries that watch and do not act; every target that is not pure may use them.
    static let observing: Set = ["Logging", "Metrics", "Tracing"]
    /// Containers without behaviour of their own.
    static let containers: Set = ["Collections", "DequeModule", "OrderedCollections", "HeapModule"]
    /// What a service stands on. No service is among them: a service never depends on another one.
    static let underService: Set = [
        "Service", "Settlement", "Kernel", "Cryptography", "ProofChain", "PostgresClient", "HTTPClient",
        "Inbound", "Outbound", "Mustache",
    ]
    static let services = [
        "WWW", "Auth", "Registry", "Connections", "Pay", "Profile", "Events", "Chat", "Notify", "Media", "Coffee",
        "Dykil", "Links", "Learn", "Market",
    ]

    static let allowed: [String: Set<String>] = {
        var table: [String: Set<String>] = [
            "CSodium": [], "COpenSSL": [], "CPostgres": [], "CCurl": [], "CEpoll": [], "CMalloc": [], "CSpawn": [],
            // Pure: see `Purity`.
            "Cryptography": ["CSodium", "COpenSSL"],
            "Kernel": ["Cryptography", "BigInt"],
            "ProofChain": ["Cryptography"],
            // Whose signature counts follows from identity chains: the copy of them is folded in Settlement and kept in
            // LedgerStore, both from the pure ProofChain.
            "Settlement": observing.union(containers).union(["Kernel", "Cryptography", "ProofChain"]),
            "PostgresClient": observing.union(containers).union(["ChildProcesses", "CPostgres"]),
            "ChildProcesses": ["CSpawn"],
            "LedgerMigrations": ["PostgresClient"],
            "LedgerStore": observing.union(containers).union([
                "Settlement", "Kernel", "Cryptography", "ProofChain", "PostgresClient", "LedgerMigrations",
            ]),
            "HTTPClient": observing.union(containers).union(["CCurl"]),
            "Service": observing.union(containers).union([
                "Cryptography", "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOPosix", "NIOHTTP1",
                "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "ServiceLifecycle", "Configuration", "Mustache",
            ]),
            // Rails conform to `Rail` and do nothing else. XML is the bank's: camt.053 statements.
            "Stripe": observing.union(["Settlement", "Kernel", "Cryptography", "HTTPClient"]),
            "EMT": observing.union(["Settlement", "Kernel", "Cryptography", "HTTPClient", "XMLCoder"]),
            "Solana": observing.union(["Settlement", "Kernel", "Cryptography", "HTTPClient"]),
            // Raw bytes to a stored event; what it means is for the rail that handles it. Its routes are a service's.
            "Inbound": observing.union(["Cryptography", "PostgresClient", "Service"]),
            // The journal is its outbox: it reads the book's tables and keeps its own beside them.
            "Outbound": observing.union(containers).union([
                "Kernel", "Cryptography", "HTTPClient", "PostgresClient", "Service",
            ]),
        ]
        for service in services { table[service] = observing.union(containers).union(underService) }
        return table
    }()

    /// The dependencies that the table does not allow, and the targets that it does not know. Executables (the
    /// composition root, the benchmark) and what stands under `Tests` may depend on anything.
    static func check(_ targets: [PackageTarget]) -> [Finding] {
        targets.flatMap { target -> [Finding] in
            if target.isFree { return [] }
            guard let allowed = allowed[target.name] else {
                return [
                    Finding(
                        path: "Package.swift", line: 0,
                        message: "target \(target.name) is not in the table of arrows (Tests/Tidy/Rules/Arrows.swift)")
                ]
            }
            return target.dependencies.filter { !allowed.contains($0) }.map {
                let message = "\(target.name) may not depend on \($0) (the table is in Tests/Tidy/Rules/Arrows.swift)"
                return Finding(path: "Package.swift", line: 0, message: message)
            }
        }
    }

    /// Modules of the toolchain and the system, which no target declares. The pure targets import none of them.
    static let systemModules: Set = [
        "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "RegexBuilder",
        "Swift", "Synchronization",
        "Testing", "PackageDescription", "XCTest",
    ]

    /// Imports of modules that the target of the file does not declare: they resolve by luck, through another target.
    static func checkImports(of files: [TextFile], targets: [PackageTarget]) -> [Finding] {
        files.flatMap { file -> [Finding] in
            guard let target = PackageTarget.owner(of: file.path, in: targets) else { return [] }
            let declared = Set(target.dependencies).union([target.name])
            let strangers = SwiftText(file).imports.filter { !declared.union(systemModules).contains($0.module) }
            return strangers.map {
                let message = "imports \($0.module), which target \(target.name) does not declare in Package.swift"
                return Finding(path: file.path, line: $0.line, message: message)
            }
        }
    }
}
