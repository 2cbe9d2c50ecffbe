// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let bigInt = Target.Dependency.product(name: "BigInt", package: "BigInt")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let migrations = [
    "001-create-book-and-journal.sql", "002-create-settlements.sql", "003-create-outbox-and-intents.sql",
    "004-create-operations.sql", "005-create-identities.sql", "006-create-lifecycles.sql", "007-create-inbox.sql",
    "008-create-webhook-deliveries.sql", "009-complete-identities.sql", "010-create-rail-accounts.sql",
    "011-pace-webhook-endpoints.sql", "012-retry-failed-webhooks.sql", "013-create-rail-positions-and-tokens.sql",
    "014-follow-rail-openings.sql", "015-create-rail-nonces.sql",
    "016-index-instant-payees.sql",
    "017-index-escrow-parties.sql",
]

let registryMigrations = [
    "001-create-relay-and-log.sql", "002-create-chains.sql", "003-create-credentials-and-blobs.sql",
    "004-create-mailbox-and-peers.sql", "005-create-index-functions.sql", "006-create-bindings.sql",
    "007-create-blob-places.sql", "008-create-identity-keys.sql",
]

let package = Package(
    name: "mjn",
    products: [
        .executable(name: "mjn", targets: ["mjn"]),
        .executable(name: "mjn-bench", targets: ["mjn-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(
            name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CMalloc", path: "Sources/CMalloc"),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CPostgres", path: "Sources/CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSpawn", path: "Sources/CSpawn"),
        .systemLibrary(
            name: "CSodium", path: "Sources/CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),

        // Pure.
        .target(name: "Cryptography", dependencies: ["COpenSSL", "CSodium"], swiftSettings: strict),
        .target(name: "Kernel", dependencies: ["Cryptography", bigInt], swiftSettings: strict),
        .target(name: "ProofChain", dependencies: ["Cryptography"], swiftSettings: strict),

        // Use cases and stores.
        .target(name: "Settlement", dependencies: ["Cryptography", "Kernel", "ProofChain"], swiftSettings: strict),
        .target(name: "ChildProcesses", dependencies: ["CSpawn"], swiftSettings: strict),
        .target(name: "PostgresClient", dependencies: ["CPostgres", "ChildProcesses"], swiftSettings: strict),
        .target(
            name: "LedgerMigrations", dependencies: ["PostgresClient"], path: "ledger-migrations",
            resources: migrations.map { .embedInCode($0) }, swiftSettings: strict),
        .target(
            name: "LedgerStore",
            dependencies: [
                "Cryptography", "Kernel", "LedgerMigrations", "PostgresClient", "ProofChain", "Settlement", logging,
            ], swiftSettings: strict),

        // The network.
        .target(name: "HTTPClient", dependencies: ["CCurl"], swiftSettings: strict),

        // Rails.
        .target(
            name: "Stripe", dependencies: ["Cryptography", "HTTPClient", "Kernel", "Settlement"],
            path: "adapters/Stripe", swiftSettings: strict),
        .target(
            name: "Solana", dependencies: ["Cryptography", "HTTPClient", "Kernel", "Settlement"],
            path: "adapters/Solana", swiftSettings: strict),

        // Services.
        .target(
            name: "Service",
            dependencies: [
                "Cryptography", logging, lifecycle,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: strict),
        .target(
            name: "Pay", dependencies: ["Cryptography", "HTTPClient", "Kernel", "Service", "Settlement", logging],
            swiftSettings: strict),
        .target(
            name: "Registry",
            dependencies: ["Cryptography", "HTTPClient", "PostgresClient", "ProofChain", "Service", logging],
            resources: registryMigrations.map { .embedInCode("Migrations/\($0)") }, swiftSettings: strict),

        // Webhooks.
        .target(
            name: "Inbound", dependencies: ["Cryptography", "PostgresClient", "Service", logging],
            path: "webhooks/Inbound", swiftSettings: strict),
        .target(
            name: "Outbound",
            dependencies: ["Cryptography", "HTTPClient", "Kernel", "PostgresClient", "Service", logging],
            path: "webhooks/Outbound", swiftSettings: strict),

        // Programs.
        .executableTarget(
            name: "mjn",
            dependencies: [
                "CMalloc", "COpenSSL", "ChildProcesses", "Cryptography", "HTTPClient", "Inbound", "Kernel",
                "LedgerMigrations",
                "LedgerStore", "Outbound", "Pay", "PostgresClient", "ProofChain", "Registry", "Service", "Settlement",
                "Solana", "Stripe", logging, lifecycle, signals, argumentParser,
            ], swiftSettings: strict),
        .systemLibrary(name: "CEpoll", path: "ops/bench/CEpoll"),
        .executableTarget(
            name: "mjn-bench",
            dependencies: [
                "CEpoll", "ChildProcesses", "Cryptography", "Kernel", "ProofChain", "Settlement", "Solana",
                argumentParser,
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ], path: "ops/bench/Driver", swiftSettings: strict),

        // What tests share.
        .target(
            name: "LedgerDouble", dependencies: ["Cryptography", "Kernel", "Settlement"],
            path: "Tests/Support/LedgerDouble", swiftSettings: strict),
        .target(
            name: "IdentityDouble", dependencies: ["Cryptography", "Kernel", "ProofChain", "Settlement"],
            path: "Tests/Support/IdentityDouble", swiftSettings: strict),
        .target(
            name: "RailDouble", dependencies: ["Kernel", "Settlement"], path: "Tests/Support/RailDouble",
            swiftSettings: strict),
        .target(
            name: "RailWorld",
            dependencies: [
                "Cryptography", "Kernel", "LedgerDouble", "LedgerMigrations", "LedgerStore", "PostgresClient",
                "PostgresFixture", "Settlement", logging,
            ], path: "Tests/Support/RailWorld", swiftSettings: strict),
        .target(
            name: "PostgresFixture", dependencies: ["ChildProcesses", "PostgresClient"],
            path: "Tests/Support/PostgresFixture",
            swiftSettings: strict),

        .target(
            name: "TestMaterial", dependencies: ["Cryptography"], path: "Tests/Support/TestMaterial",
            swiftSettings: strict),
        .target(
            name: "PythonRunning", dependencies: ["ChildProcesses"], path: "Tests/Support/PythonRunning",
            swiftSettings: strict),

        .target(
            name: "RailConformance", dependencies: ["Kernel", "Settlement"], path: "Tests/Support/RailConformance",
            swiftSettings: strict),
        .target(
            name: "StripeSimulator",
            dependencies: [
                "Cryptography", "HTTPClient",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Tests/Support/StripeSimulator", exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "LocalStripe", dependencies: ["ChildProcesses", "Cryptography", "HTTPClient", "PythonRunning"],
            path: "Tests/Support/LocalStripe", swiftSettings: strict),
        .target(
            name: "SolanaChain", dependencies: ["ChildProcesses", "Cryptography", "HTTPClient", "PythonRunning"],
            path: "Tests/Support/SolanaChain", exclude: ["python", "README.md"], swiftSettings: strict),

        // Tests.
        .testTarget(
            name: "CryptographyTests", dependencies: ["Cryptography", "TestMaterial"], swiftSettings: strict),
        .testTarget(
            name: "ProofChainTests", dependencies: ["Cryptography", "ProofChain", "PythonRunning", "TestMaterial"],
            exclude: ["python"], swiftSettings: strict),
        .testTarget(
            name: "KernelTests", dependencies: ["Cryptography", "Kernel", "LedgerDouble", "Settlement", bigInt],
            swiftSettings: strict),
        .testTarget(
            name: "SettlementTests",
            dependencies: ["Cryptography", "IdentityDouble", "Kernel", "LedgerDouble", "ProofChain", "Settlement"],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["Cryptography", "Kernel", "LedgerDouble", "Settlement"],
            path: "Tests/Simulation", swiftSettings: strict),
        .testTarget(
            name: "RailSimulationTests",
            dependencies: ["Cryptography", "Kernel", "LedgerDouble", "RailDouble", "RailWorld", "Settlement"],
            path: "Tests/RailSimulation", swiftSettings: strict),
        .testTarget(name: "ChildProcessesTests", dependencies: ["ChildProcesses"], swiftSettings: strict),
        .testTarget(
            name: "PostgresClientTests",
            dependencies: ["CPostgres", "ChildProcesses", "LedgerMigrations", "PostgresClient", "PostgresFixture"],
            swiftSettings: strict),
        .testTarget(
            name: "LedgerStoreTests",
            dependencies: [
                "Cryptography", "IdentityDouble", "Kernel", "LedgerDouble", "LedgerMigrations", "LedgerStore",
                "PostgresClient", "PostgresFixture", "ProofChain", "Settlement", logging,
            ], swiftSettings: strict),
        .testTarget(
            name: "HTTPClientTests", dependencies: ["ChildProcesses", "HTTPClient"], exclude: ["python"],
            swiftSettings: strict),
        .testTarget(
            name: "StripeTests",
            dependencies: [
                "Cryptography", "HTTPClient", "Kernel", "LedgerDouble", "RailConformance", "RailWorld", "Settlement",
                "Stripe", "StripeSimulator",
            ], swiftSettings: strict),
        .testTarget(
            name: "SolanaTests",
            dependencies: [
                "Cryptography", "HTTPClient", "Kernel", "LedgerDouble", "PythonRunning", "RailConformance",
                "RailWorld", "Settlement", "Solana", "SolanaChain",
            ], exclude: ["python"], swiftSettings: strict),
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "Cryptography", "PythonRunning", "Service", logging, lifecycle,
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "PayTests",
            dependencies: [
                "Cryptography", "HTTPClient", "IdentityDouble", "Kernel", "LedgerDouble", "Pay", "ProofChain",
                "PythonRunning", "RailDouble", "Service", "Settlement", "Solana", "SolanaChain", bigInt, logging,
                lifecycle,
            ], swiftSettings: strict),
        .testTarget(
            name: "OutboundTests",
            dependencies: [
                "ChildProcesses", "Cryptography", "HTTPClient", "Kernel", "LedgerDouble", "LedgerMigrations",
                "LedgerStore", "Outbound", "PostgresClient", "PostgresFixture", "PythonRunning", "Service",
                "Settlement", logging, lifecycle,
            ], exclude: ["python"], swiftSettings: strict),
        .testTarget(
            name: "RegistryTests",
            dependencies: [
                "Cryptography", "HTTPClient", "IdentityDouble", "PostgresClient", "PostgresFixture", "ProofChain",
                "PythonRunning", "Registry", "Service", logging, lifecycle,
            ], exclude: ["python"], swiftSettings: strict),
        .testTarget(
            name: "InboundTests",
            dependencies: [
                "ChildProcesses", "Cryptography", "HTTPClient", "Inbound", "LedgerMigrations", "LocalStripe",
                "PostgresClient", "PostgresFixture", "PythonRunning", "Service", logging, lifecycle,
            ], exclude: ["python"], swiftSettings: strict),
        .testTarget(
            name: "CLITests",
            dependencies: [
                "ChildProcesses", "Cryptography", "Kernel", "LedgerDouble", "LedgerStore", "PostgresClient",
                "Settlement", logging,
            ], exclude: ["python"], swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "ChildProcesses", "Cryptography", "IdentityDouble", "Kernel", "LocalStripe", "ProofChain",
                "PythonRunning", "Service", "Settlement", "Solana", "SolanaChain", "StripeSimulator",
            ],
            path: "Tests/EndToEnd",
            exclude: ["python"], swiftSettings: strict),
        .testTarget(
            name: "StripeSimulatorTests",
            dependencies: ["Cryptography", "HTTPClient", "PythonRunning", "StripeSimulator"], exclude: ["python"],
            swiftSettings: strict),
        .testTarget(name: "TidyTests", dependencies: ["ChildProcesses"], path: "Tests/Tidy", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6])
