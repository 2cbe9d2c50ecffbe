public import ArgumentParser
public import Cryptography
import Foundation
public import Kernel
import LedgerStore
public import ProofChain

extension DID: ExpressibleByArgument {
    /// Reads a DID of the command line.
    public init?(argument: String) {
        guard let did = try? DID(argument) else { return nil }
        self = did
    }
}

extension DFOSDID: ExpressibleByArgument {
    /// Reads a chain's DID of the command line.
    public init?(argument: String) {
        guard let did = try? DFOSDID(argument) else { return nil }
        self = did
    }
}

extension CID: ExpressibleByArgument {
    /// Reads a content identifier of the command line.
    public init?(argument: String) {
        guard let cid = try? CID(argument) else { return nil }
        self = cid
    }
}

extension Currency: ExpressibleByArgument {
    /// Reads a currency's code of the command line.
    public init?(argument: String) {
        guard let currency = Currency.named(argument) else { return nil }
        self = currency
    }
}

/// An instant of the command line, RFC 3339; a date alone means the end of that day in UTC.
struct TimeArgument: ExpressibleByArgument, Sendable {
    let ms: Int64

    init?(argument: String) {
        let isDay = argument.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil
        guard Self.isInCalendar(argument) else { return nil }
        let text = isDay ? argument + "T23:59:59.999Z" : argument
        for withFraction in [false, true] {
            let format = Date.ISO8601FormatStyle(includingFractionalSeconds: withFraction)
            if let date = try? format.parse(text) {
                ms = Int64((date.timeIntervalSince1970 * 1000).rounded())
                return
            }
        }
        return nil
    }

    /// Whether the date that it begins with is one: a parser that reads 30 February as 2 March answers another question
    /// than was asked.
    private static func isInCalendar(_ text: String) -> Bool {
        guard let match = text.prefixMatch(of: /(\d{4})-(\d{2})-(\d{2})/), let year = Int(match.1),
            let month = Int(match.2), let day = Int(match.3), (1...12).contains(month)
        else { return false }
        let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...days[month - 1]).contains(day)
    }
}

/// A moment of the book.
struct MomentOptions: ParsableArguments, Sendable {
    @Option(help: "As of this time (RFC 3339; a date alone means its end, UTC).")
    var at: TimeArgument?

    @Option(name: .customLong("at-seq"), help: "As of this entry.")
    var atSeq: Int64?

    func validate() throws {
        if at != nil, atSeq != nil { throw ValidationError("--at and --at-seq exclude each other: give one of them") }
        if let atSeq, atSeq < 0 { throw ValidationError("--at-seq is an entry's number, 0 or more") }
    }

    var moment: BookMoment {
        if let at { return .time(at.ms) }
        return atSeq.map { .seq($0) } ?? .now
    }

    /// Whether an entry lies within the moment.
    func includes(_ seq: Int64, _ timeMs: Int64) -> Bool {
        switch moment {
        case .now: true
        case .seq(let last): seq <= last
        case .time(let last): timeMs <= last
        }
    }
}
