import ArgumentParser
import Cryptography
import Foundation
import Kernel
import LedgerStore
import Pay
import Service
import Settlement

/// Payments, payouts and the like, as commands find, show and change them.
enum Lifecycles {
    /// One of a kind, with its life.
    /// - Throws: exit code 1 when there is none.
    static func find(
        _ id: String, _ kind: Lifecycle.Kind, _ session: LedgerSession
    ) async throws -> (row: LifecycleRow, events: [LifecycleEvent]) {
        guard let found = try await session.store.lifecycle(id), found.row.lifecycle.kind == kind else {
            let list = kind == .payee ? "mjn payee list" : "mjn \(kind.rawValue) list"
            throw CLIFailure("there is no \(kind.rawValue) \(id)", fix: "see which there are: \(list)")
        }
        return found
    }

    /// Rows of a page of a listing that reads all.
    private static let pageRows = 500

    /// Calls `body` with each that matches, newest first, until `limit` were taken.
    /// - Parameter body: returns whether it took the row.
    static func forEach(
        _ filter: LifecycleFilter, limit: Int, _ session: LedgerSession,
        _ body: (LifecycleRow) async throws -> Bool
    ) async throws {
        var filter = filter
        filter.limit = pageRows
        var taken = 0
        while taken < limit {
            let page = try await session.store.lifecycles(filter)
            for row in page where taken < limit {
                if try await body(row) { taken += 1 }
            }
            guard page.count == pageRows, let last = page.last else { return }
            filter.before = last.id
        }
    }

    /// Takes a step that the operator decided; it stands in the audit log. Where the node has looked at the row in
    /// between and left it where it stands, what the operator saw still holds.
    /// - Returns: the reply.
    static func act(
        _ step: LifecycleStep, on row: LifecycleRow, reason: String, _ session: LedgerSession
    ) async throws -> [UInt8] {
        var row = row
        for _ in 1..<racesMax {
            do {
                return try await submit(step, on: row, reason: reason, session)
            } catch {
                guard let now = try await session.store.lifecycle(row.id)?.row, now.version > row.version,
                    stands(now.lifecycle, as: row.lifecycle)
                else { throw error }
                row = now
            }
        }
        return try await submit(step, on: row, reason: reason, session)
    }

    private static func stands(_ now: Lifecycle, as seen: Lifecycle) -> Bool {
        guard now.facts.status == seen.facts.status else { return false }
        guard case .payment(let now) = now, case .payment(let seen) = seen else { return true }
        return now.unspentMinor == seen.unspentMinor && now.receivedMinor == seen.receivedMinor
    }

    /// How often a step is tried that the node was faster with.
    private static let racesMax = 5

    private static func submit(
        _ step: LifecycleStep, on row: LifecycleRow, reason: String, _ session: LedgerSession
    ) async throws -> [UInt8] {
        let command = LifecycleCommands.step(
            step, of: row, caller: Operator.caller, key: key(row.id, session),
            audit: AuditNote(actor: Operator.name, reason: reason))
        return try await Operator.submit([command], session)[0]
    }

    /// A key of its own: each run of the program asks once.
    static func key(_ subject: String, _ session: LedgerSession) -> String {
        "\(subject)/" + ULID.text(nowMs: session.clock())
    }

    /// Writes one with its life: for people its fields and then its events, else the reply of the API.
    static func show(
        _ found: (row: LifecycleRow, events: [LifecycleEvent]), _ format: ListFormat
    ) throws {
        let reply = LifecycleReply.render(found.row, events: found.events)
        switch format {
        case .json, .jsonl: try StandardOutput.write(reply + [UInt8(ascii: "\n")])
        case .csv: try events(found.events, format)
        case .table:
            let style = Style.output
            for (name, value) in fields(reply) {
                try StandardOutput.line(
                    style.dim(name.padding(toLength: 16, withPad: " ", startingAt: 0)) + value)
            }
            try StandardOutput.line("")
            try events(found.events, format)
        }
    }

    /// What a reply says, for people; what is empty is left out.
    private static func fields(_ reply: [UInt8]) -> [(String, String)] {
        guard let root = try? JSONDocument(parsing: reply).root else { return [] }
        let currency = root["currency"]?.string
        let money: Set = [
            "amount", "charged", "received", "rail_fee", "unspent", "returning", "returned", "withdrawn", "reinstated",
            "fee", "charged_back", "remaining", "released", "refunded",
        ]
        var fields: [(String, String)] = []
        for (key, value) in root.members where key != "events" {
            if let text = value.string {
                if !text.isEmpty { fields.append((key, text)) }
            } else if let number = value.int64 {
                let shown = money.contains(key) ? currency.map { Decimal.text(number, currency: $0) } : nil
                fields.append((key, shown ?? "\(number)"))
            } else if let code = value["code"]?.string {
                fields.append((key, code + (value["detail"]?.string.map { ": \($0)" } ?? "")))
            } else if value["destinations"] != nil {
                fields.append((key, String(decoding: value.canonicalBytes(), as: UTF8.self)))
            }
        }
        return fields
    }

    private static func events(_ events: [LifecycleEvent], _ format: ListFormat) throws {
        var listing = Listing(
            [
                .init(name: "version", isRight: true), .init(name: "at"), .init(name: "event"), .init(name: "status"),
                .init(name: "note", isElastic: true), .init(name: "entry_seq", isRight: true),
            ], format: format)
        for event in events {
            try listing.add([
                .int(event.version), .text(Timestamp.text(ofMilliseconds: event.timeMs)), .text(event.name),
                .text(event.status), event.note.isEmpty ? .null : .text(event.note), .int(event.seq),
            ])
        }
        try listing.finish()
    }

    /// A refusal as one cell.
    static func cell(_ refusal: RailRefusal?) -> Cell { refusal.map { .text("\($0.code): \($0.reason)") } ?? .null }

    /// A time as a cell.
    static func cell(_ timeMs: Int64?) -> Cell {
        timeMs.map { .text(Timestamp.text(ofMilliseconds: $0)) } ?? .null
    }
}

/// Which, and how many, of a list.
struct LifecycleListOptions: ParsableArguments {
    @Option(help: "Only those of this DID.")
    var did: DID?

    @Option(help: "Only by this rail, such as stripe.")
    var rail: String?

    @Option(help: "At most this many, the newest.")
    var limit = 100

    func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit is 1 to 1000000") }
        if let rail, RailName(rawValue: rail) == nil {
            throw ValidationError("--rail is a rail's name, such as stripe")
        }
    }

    func filter(_ kind: Lifecycle.Kind, statuses: [String]) -> LifecycleFilter {
        var filter = LifecycleFilter(kind: kind, limit: limit)
        filter.owner = did?.string
        filter.statuses = statuses
        return filter
    }

    func includes(_ row: LifecycleRow) -> Bool { rail == nil || rail == row.lifecycle.facts.rail }
}

/// Why, for the audit log.
struct ReasonOption: ParsableArguments {
    @Option(help: "Why, for the audit log.")
    var reason: String

    /// Characters of a reason.
    private static let reasonMax = 1000

    func validate() throws {
        let isBlank = reason.allSatisfy(\.isWhitespace)
        guard !isBlank, reason.count <= Self.reasonMax else {
            throw ValidationError("--reason is text of up to \(Self.reasonMax) characters")
        }
    }
}

/// The statuses of a command line, comma-separated, checked against those that there are.
struct StatusList<Status: RawRepresentable & CaseIterable & Sendable>: ExpressibleByArgument
where Status.RawValue == String {
    let names: [String]

    init?(argument: String) {
        let names = argument.split(separator: ",").map { $0.filter { $0 != " " } }
        guard !names.isEmpty, names.allSatisfy({ Status(rawValue: $0) != nil }) else { return nil }
        self.names = names
    }

    static var allValueStrings: [String] { Status.allCases.map(\.rawValue) }
}
