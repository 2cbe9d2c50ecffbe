import Foundation
import Testing

struct HelpTests {
    /// Every command of the program, from what it says of itself.
    private func commands() throws -> [[String]] {
        let dump = try Program.run(["--experimental-dump-help"]).object()
        func walk(_ command: [String: Any], _ path: [String]) -> [[String]] {
            let children = command["subcommands"] as? [[String: Any]] ?? []
            return [path]
                + children.filter { $0["commandName"] as? String != "help" }.flatMap {
                    walk($0, path + [$0["commandName"] as? String ?? "?"])
                }
        }
        return walk(try #require(dump["command"] as? [String: Any]), [])
    }

    @Test("every command explains itself and shows an example")
    func helpEverywhere() throws {
        let all = try commands()
        #expect(all.count > 30, "\(all)")
        for command in all {
            let run = try Program.run(command + ["--help"])
            #expect(run.status == 0, "\(command): \(run.err)")
            #expect(run.out.contains("USAGE: mjn"), "\(command)")
            let example = (["mjn"] + command).joined(separator: " ")
            #expect(run.out.replacing(/USAGE:.*\n/, with: "").contains(example), "no example of \(example)")
            #expect(!run.out.contains("\u{1B}"), "colours in a file: \(command)")
        }
    }

    @Test("the commands that scripts rely on are there")
    func commandsAreThere() throws {
        let names = Set(try commands().map { $0.joined(separator: " ") })
        let promised = [
            "up", "serve", "migrate", "doctor", "demo", "did new", "did show", "did import-solana", "fair sign",
            "fair verify", "fair split", "fair canonical", "fair cid", "settle", "gas quote", "ledger balances",
            "ledger entries", "ledger statement", "ledger trial-balance", "ledger verify", "ledger export",
            "ledger fund", "service allow", "service list", "service revoke", "account freeze", "account unfreeze",
            "account limit", "webhooks list", "webhooks deliveries", "webhooks redeliver",
            "webhooks enable", "webhooks disable", "chain create", "chain update", "chain rotate", "chain verify",
            "chain show",
            "chain publish", "chain delete", "chain restore", "chain anchor", "attest verify", "payment list",
            "payment show", "payment refund", "payment assign", "payout run", "payout list", "payout show",
            "payout retry", "payout cancel", "payee show", "payee list", "rail status",
        ]
        for name in promised { #expect(names.contains(name), "mjn \(name)") }
    }

    @Test("the version is one line")
    func version() throws {
        let run = try Program.run(["--version"])
        #expect(run.status == 0)
        #expect(run.out.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(run.out)")
    }
}
