public import ArgumentParser
public import Cryptography
import Foundation
public import Kernel
import LedgerStore

extension DID: ExpressibleByArgument {
    /// Reads a DID of the command line.
    public init?(argument: String) {
        guard let did = try? DID(argument) else { return nil }
        self = did
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
