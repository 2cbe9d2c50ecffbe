import Cryptography
import Foundation
import Kernel
import LedgerDouble
import Settlement
import Testing

/// Exports, judged by the programs that they are for.
struct ExportTests {
    /// A book with some movement, exported; and its balances at that moment, debits positive, zeros left out.
    private func exported(_ format: String) async throws -> (file: String, folder: Folder, balances: [String: String]) {
        let node = try await TestNode.running()
        let work = try Work(keys: ["payer", "artist", "producer"])
        let manifest = try work.sign(
            try work.manifest(
                [("artist", "artist", "0.7"), ("did:imajin:soft:a.b_c-xd", "producer", "0.3")],
                id: "urn:test:\(UUID().uuidString)"), by: "artist")
        try node.fund(try work.did("payer"), 5001)
        try node.fund(try work.did("payer"), 1_234_567, "MJN")
        try node.fund(try work.did("payer"), 900, "JPY")
        try await rails(node, try DID(work.did("payer")))
        let reply = try node.settle(work, manifest: manifest, from: "payer", amount: 5001).object()
        // Other tests go on writing: both are read as of this entry.
        let moment = ["--at-seq", "\(try #require(reply["entry_seq"] as? Int))"]
        let run = try node.run(["ledger", "export", "--format", format] + moment)
        #expect(run.status == 0, "\(run.err)")
        let folder = try Folder()
        var balances: [String: String] = [:]
        for row in try node.run(["ledger", "balances"] + moment).rows() {
            let debits = try #require(row["posted_debits"] as? Int)
            let credits = try #require(row["posted_credits"] as? Int)
            let currency = try #require(row["currency"] as? String)
            if debits == credits { continue }
            balances[try #require(row["account"] as? String)] = decimal(debits - credits, currency)
        }
        return (try folder.write("book.\(format)", run.out), folder, balances)
    }

    /// Accounts and entries that only rails make: payments, disputes, what a rail converted, steps that move nothing.
    private func rails(_ node: TestNode, _ payer: DID) async throws {
        try await RailBook.with(node) { book in
            let key = UUID().uuidString
            _ = try await book.payment("\(key)-fx", payer, 1000, arrived: 1000) {
                ($0.settledCurrency, $0.settledMinor) = ("CAD", 1370)
            }
            let id = try await book.payment("\(key)-dp", payer, 2000, arrived: 2000)
            let facts = DisputeFacts(
                reference: "dp_\(key)", standing: .open, amountMinor: 2000, withdrawnMinor: 2000, reinstatedMinor: 0,
                feeMinor: 1500, feeReturnedMinor: 0, reason: "fraudulent")
            try await book.run(
                RailCommands.open(.dispute(facts), "dsp_dp_\(key)", of: payer, related: [id]))
            _ = try await book.stoppedPayout(key, payer, 1)
        }
    }

    private func decimal(_ minor: Int, _ currency: String) -> String {
        let exponent = ["USD": 2, "MJN": 6, "JPY": 0][currency] ?? 2
        var digits = String(abs(minor))
        while digits.count <= exponent { digits = "0" + digits }
        let whole = digits.dropLast(exponent)
        return (minor < 0 ? "-" : "") + whole + (exponent > 0 ? "." + digits.suffix(exponent) : "") + " " + currency
    }

    @Test("hledger accepts the export and reports the same balances")
    func hledger() async throws {
        let (file, folder, expected) = try await exported("hledger")
        let hledger = try Program.find("hledger")
        let check = try Program.run(hledger, ["-f", file, "check", "--strict"])
        #expect(check.status == 0, "\(check.err)")
        let balance = try Program.run(hledger, ["-f", file, "balance", "--flat", "--no-total", "-O", "csv"])
        #expect(balance.status == 0, "\(balance.err)")
        var found: [String: String] = [:]
        for line in balance.out.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: ["\""]) }
            // hledger writes whole amounts of a currency without decimals as `900. JPY` or `900 JPY`.
            found[fields[0]] = fields[1].replacing(". ", with: " ")
        }
        #expect(found == expected)
        for kind in ["liability:payments:stripe:", "asset:disputed:stripe:", "asset:fx:stripe:"] {
            #expect(expected.keys.contains { $0.hasPrefix(kind) }, "no \(kind)")
        }
        _ = folder
    }

    @Test("Beancount accepts the export and reports the same balances")
    func beancount() async throws {
        let (file, folder, expected) = try await exported("beancount")
        let check = try Program.run(try Program.find("bean-check"), [file])
        #expect(check.status == 0 && check.err.isEmpty && check.out.isEmpty, "\(check.out)\(check.err)")
        var names: [String: String] = [:]
        var dids: Set<String> = []
        var opened = ""
        for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.count > 2, words[1] == "open" { opened = words[2] }
            if words.first == "did:" { dids.insert(words[1].trimmingCharacters(in: ["\""])) }
            if words.first == "ledger-account:" { names[opened] = words[1].trimmingCharacters(in: ["\""]) }
        }
        #expect(dids.contains("did:imajin:soft:a.b_c-xd"))
        #expect(names.count == Set(names.values).count)
        let query = "SELECT account, currency, sum(number) GROUP BY account, currency"
        let balance = try Program.run(try Program.find("bean-query"), ["-f", "csv", file, query])
        #expect(balance.status == 0, "\(balance.err)")
        var found: [String: String] = [:]
        for line in balance.out.split(whereSeparator: \.isNewline).dropFirst() {
            let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            let account = try #require(names[fields[0]], "an account that the export does not name")
            #expect(fields.count == 3 && found[account] == nil, "one currency an account")
            // The ledger lists no account that is empty.
            if fields[2].allSatisfy("0.".contains) { continue }
            found[account] = "\(fields[2]) \(fields[1])"
        }
        #expect(found == expected)
        _ = folder
    }

    @Test("CSV and JSON lines hold every posting")
    func lines() async throws {
        let (csv, folder, expected) = try await exported("csv")
        var found: [String: Int] = [:]
        let rows = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\n")
        let header = rows[0].split(separator: ",").map(String.init)
        #expect(header.starts(with: ["seq", "time", "effective_on", "cause_kind", "cause_id", "account", "owner"]))
        for row in rows.dropFirst() {
            let fields = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let amount = try #require(Int(fields[9]))
            found[fields[5], default: 0] += fields[8] == "debit" ? amount : -amount
        }
        let sums = Dictionary(
            uniqueKeysWithValues: found.filter { $0.value != 0 }.map { account, sum in
                (account, decimal(sum, String(account.split(separator: ":").last ?? "")))
            })
        #expect(sums == expected)
        let (jsonl, other, _) = try await exported("jsonl")
        var seqs: [Int] = []
        for line in try String(contentsOfFile: jsonl, encoding: .utf8).split(separator: "\n") {
            let entry = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            seqs.append(try #require(entry["seq"] as? Int))
        }
        #expect(seqs == Array(1...seqs.count))
        _ = (folder, other)
    }

    @Test("a reader that goes away ends an export quietly")
    func closedPipe() async throws {
        let node = try await TestNode.running()
        let script =
            #"set -o pipefail; "$0" ledger export --format jsonl | head -n 1 >/dev/null; echo "${PIPESTATUS[0]}""#
        let run = try Program.run(
            "/bin/bash", ["-c", script, Program.path], environment: ["MJN_DATA_DIR": node.dataDirectory])
        #expect(run.out == "0\n", "\(run.out)\(run.err)")
    }
}
