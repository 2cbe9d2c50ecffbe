public import ArgumentParser
import Cryptography
import Kernel
import LedgerStore
import Service
public import Settlement

/// Who may call pay.
struct ServiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Which services may call pay, and what each may do.",
        discussion: """
            Takes effect at once in running servers.

            Example: mjn service allow did:imajin:… --name events --scope settle,refund
            Example: mjn service revoke did:imajin:…
            """,
        subcommands: [ServiceAllow.self, ServiceList.self, ServiceRevoke.self])
}

extension SpendsFrom: ExpressibleByArgument {
    /// `any` or a DID.
    public init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self.init(text: argument)
    }
}

/// Scopes, comma-separated.
struct ScopeList: ExpressibleByArgument {
    let scopes: Set<Scope>

    init?(argument: String) {
        let names = argument.split(separator: ",").map { $0.filter { $0 != " " } }
        let scopes = names.compactMap { Scope(rawValue: String($0)) }
        guard !scopes.isEmpty, scopes.count == names.count else { return nil }
        self.scopes = Set(scopes)
    }
}

/// `mjn service allow`.
struct ServiceAllow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow",
        abstract: "Lets a service call pay; again, to change what it may do.",
        discussion: """
            Without --from a service needs each payer's consent: a signed authorization or an allowance.

            Example: mjn service allow did:imajin:… --name events --scope settle,refund,read --max-amount 500000
            Example: mjn service allow did:imajin:… --name till --scope settle --from any
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "The service's DID.")
    var did: DID

    @Option(help: "A name for people, up to 64 characters.")
    var name: String

    @Option(help: "What it may do: settle, refund, read; comma-separated.")
    var scope: ScopeList

    @Option(
        name: .customLong("from"), help: "any, or a DID: whose balances it may spend without the payer's signature.")
    var spendsFrom: SpendsFrom?

    @Option(name: .customLong("max-amount"), help: "Largest single settlement, minor units.")
    var maxAmount: Int64?

    func validate() throws {
        guard did.publicKey != nil else {
            throw ValidationError("\(did) has no key to sign requests with: a service is did:imajin:<key>")
        }
        guard (1...64).contains(name.count), name.allSatisfy({ !$0.isNewline }) else {
            throw ValidationError("--name is 1 to 64 characters on one line")
        }
        if let maxAmount, !(1...Money.amountMaxMinor).contains(maxAmount) {
            throw ValidationError("--max-amount is in minor units, from 1 to \(Money.amountMaxMinor)")
        }
    }

    func run() async throws {
        let grant = CallerGrant(
            did: did, name: name, scopes: scope.scopes, spendsFrom: spendsFrom ?? .consentOnly,
            maxAmountMinor: maxAmount)
        try await withLedger(node) { try await $0.store.allow(grant) }
        standardError("mjn: \(name) may \(GrantRow.scopes(grant)) now")
    }
}

/// `mjn service list`.
struct ServiceList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The services that may call pay, and those that no longer may.",
        discussion: "Example: mjn service list --format json")

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let records = try await withLedger(node, isReadOnly: true) { try await $0.store.callers() }
        var listing = Listing(GrantRow.columns, format: output.chosen)
        for record in records { try listing.add(GrantRow.cells(record)) }
        try listing.finish(empty: "mjn: no service may call; allow one with: mjn service allow DID")
    }
}

/// `mjn service revoke`.
struct ServiceRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Takes a service's rights away, and its session keys.",
        discussion: "Example: mjn service revoke did:imajin:…")

    @OptionGroup var node: NodeOptions

    @Argument(help: "The service's DID.")
    var did: DID

    func run() async throws {
        let did = did
        let had = try await withLedger(node) { try await $0.store.revoke(did) }
        guard had else {
            throw CLIFailure("\(did) has no rights to take away", fix: "see who has: mjn service list")
        }
        standardError("mjn: \(did) may no longer call")
    }
}

/// Grants as rows.
private enum GrantRow {
    static let columns: [Listing.Column] = [
        .init(name: "name"), .init(name: "did", isElastic: true), .init(name: "scopes"), .init(name: "from"),
        .init(name: "max_amount", isRight: true), .init(name: "allowed_at", isHidden: true), .init(name: "revoked_at"),
    ]

    static func scopes(_ grant: CallerGrant) -> String {
        Scope.allCases.filter(grant.scopes.contains).map(\.rawValue).joined(separator: ", ")
    }

    static func cells(_ record: CallerRecord) -> [Cell] {
        let grant = record.grant
        return [
            .text(grant.name), .text(grant.did.string),
            .texts(Scope.allCases.filter(grant.scopes.contains).map(\.rawValue)),
            grant.spendsFrom == .consentOnly ? .null : .text(grant.spendsFrom.text),
            grant.maxAmountMinor.map { .int($0) } ?? .null,
            .text(Timestamp.text(ofMilliseconds: record.allowedAtMs)),
            record.revokedAtMs.map { .text(Timestamp.text(ofMilliseconds: $0)) } ?? .null,
        ]
    }
}
