import Cryptography
import Foundation
import Kernel
import Outbound
import Settlement

/// Reads settings of the environment. Everything throws exit code 64 with the name of the setting that makes no sense.
struct SettingReader: Sendable {
    let environment: [String: String]

    func integer(_ name: String, _ range: ClosedRange<Int>) throws(CLIFailure) -> Int? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw CLIFailure(
                "\(name) is \(text)",
                fix: "set it to a whole number from \(range.lowerBound) to \(range.upperBound)",
                exitCode: ExitStatus.usage)
        }
        return value
    }

    func relayAddress(_ name: String) throws(CLIFailure) -> RelayAddress {
        guard let address = RelayAddress(environment[name] ?? "") else {
            throw CLIFailure(
                "\(name) is no address of a relay",
                fix: "set it to one such as http://127.0.0.1:3002/relay, or to off", exitCode: ExitStatus.usage)
        }
        return address
    }

    func webhookAllowances(_ name: String) throws(CLIFailure) -> WebhookAllowances {
        do {
            return try WebhookAllowances(environment[name] ?? "")
        } catch {
            throw CLIFailure(
                "\(name) names \(error.item)",
                fix: "name networks (loopback, private, carrier), blocks such as 10.1.0.0/16, or hosts with their port",
                exitCode: ExitStatus.usage)
        }
    }

    func bps(_ name: String) throws(CLIFailure) -> Int {
        let value = try integer(name, 0...200) ?? 0
        guard value == 0 || FeeSchedule.bpsRange.contains(value) else {
            throw CLIFailure(
                "\(name) is \(value)", fix: "set it to 0, or from 25 to 200", exitCode: ExitStatus.usage)
        }
        return value
    }

    func did(_ name: String) throws(CLIFailure) -> DID? { try dids(name).first }

    func dids(_ name: String) throws(CLIFailure) -> [DID] {
        var dids: [DID] = []
        for text in (environment[name] ?? "").split(separator: ",") {
            do {
                dids.append(try DID(text.trimmingCharacters(in: .whitespaces)))
            } catch {
                throw CLIFailure("\(name) is no DID: \(text)", exitCode: ExitStatus.usage)
            }
        }
        return dids
    }

    func gasBases(_ name: String) throws(CLIFailure) -> [Int64] {
        guard let text = environment[name], !text.isEmpty else { return Gas.basesMinor }
        let bases = text.split(separator: ",").compactMap { Int64($0.trimmingCharacters(in: .whitespaces)) }
        guard bases.count == Gas.basesMinor.count, bases.allSatisfy({ $0 >= 0 }) else {
            throw CLIFailure(
                "\(name) is \(text)", fix: "set it to three whole numbers, such as 0,100000,1000000",
                exitCode: ExitStatus.usage)
        }
        return bases
    }
}
