import Foundation
import Testing

struct ExitCodeTests {

    @Test(
        "a command line that makes no sense exits 64",
        arguments: [
            "frobnicate", "fair frobnicate", "fair split x.json", "fair split x.json --amount 1.5 --currency USD",
            "fair split x.json --amount 0 --currency USD", "fair split x.json --amount 1 --currency usd",
            "fair split x.json --amount 9000000000000001 --currency USD",
            "fair split x.json --amount 99999999999999999999 --currency USD", "fair verify", "did new",
            "gas quote --tier 4", "gas quote --tier 1 --sent -1", "ledger balances --at yesterday",
            "ledger balances --at 2026-02-30", "ledger entries --at 2026-13-01",
            "ledger export --at 2025-02-29T10:00:00Z", "account resolve did:imajin:soft:a --keep did:dfos:x --reason r",
            "ledger balances --at 2026-01-01 --at-seq 3", "ledger balances --did did:imajin:nobody",
            "ledger balances --format xml", "ledger export", "ledger fund --did did:imajin:soft:a",
            "ledger fund --file x --amount 5", "ledger statement", "ledger entries --limit 0",
            "service allow did:imajin:soft:a --name a --scope settle", "service allow", "account freeze",
            "chain create", "chain create --key k", "chain update c.json --key k", "chain verify",
            "chain update c.json --key k --no-services --service id=a,type=T", "chain rotate c.json --key k",
            "chain show did:imajin:soft:a", "chain show did:dfos:short", "chain publish c.json --port-offset 99999",
            "attest verify", "attest verify a.jws --at yesterday",
            "settle x.json", "settle x.json --key k --idempotency-key é", "ledger balances --book other",
        ])
    func usage(_ line: String) throws {
        let run = try Program.run(line.split(separator: " ").map(String.init))
        #expect(run.status == 64, "\(run.out)\(run.err)")
        #expect(run.out.isEmpty && !run.err.isEmpty)
    }

    @Test("pay is not served alone without a word on which relay it follows")
    func relayNamed() throws {
        let folder = try Folder()
        let run = try Program.run(
            ["serve", "--service", "pay", "--data-dir", folder.path],
            environment: ["MJN_PUBLIC_ORIGINS": "https://pay.example.org"])
        #expect(run.status == 64 && run.err.contains("MJN_RELAY_URL"), "\(run.err)")
    }

    @Test(
        "a file that is not what it should be exits 65, and says what to do",
        arguments: [
            "fair split missing.json --amount 1 --currency USD", "fair cid missing.json", "fair canonical -",
            "fair sign - --key missing.jwk", "fair verify missing.json", "did show -", "did show missing.jwk",
            "chain verify missing.json", "chain show -", "chain publish -", "chain delete - --key missing.jwk",
            "chain create --key missing.jwk --out c.json", "chain anchor - --chain missing.json --key missing.jwk",
            "attest verify missing.jws", "attest verify missing.jws --chain missing.json",
            "did import-solana missing.json", "settle - --key missing.jwk", "ledger fund --file missing.jsonl",
        ])
    func badInput(_ line: String) throws {
        let run = try Program.run(line.split(separator: " ").map(String.init), input: "{\"a\":1,\"a\":2}")
        #expect(run.status == 65, "\(run.out)\(run.err)")
        #expect(run.out.isEmpty)
        #expect(run.err.contains("mjn: ") && run.err.contains("  fix: "), "\(run.err)")
    }

    @Test("a node that is not there exits 69")
    func unavailable() throws {
        let work = try Work(keys: ["payer"])
        let run = try Program.run(
            ["settle", "-", "--key", work.key("payer"), "--pay-url", "http://127.0.0.1:1"], input: "{}")
        #expect(run.status == 69, "\(run.err)")
        #expect(run.err.contains("nothing answers at http://127.0.0.1:1"))
    }

    @Test("a node that takes a payment and does not answer exits 75: it may have been done; no proxy comes between")
    func noAnswer() throws {
        let work = try Work(keys: ["payer"])
        let server = try DeafServer()
        let proxies = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].map { ($0, "http://127.0.0.1:1") }
        let run = try Program.run(
            ["settle", "-", "--key", work.key("payer"), "--pay-url", "http://127.0.0.1:\(server.port)"], input: "{}",
            environment: Dictionary(uniqueKeysWithValues: proxies))
        #expect(run.status == 75, "\(run.err)")
        #expect(run.err.contains("took the request and did not answer"))
    }

    @Test("a database that is not there exits 69")
    func databaseUnavailable() throws {
        let run = try Program.run(
            ["ledger", "balances"], environment: ["DATABASE_URL": "postgresql://127.0.0.1:1/none"])
        #expect(run.status == 69, "\(run.err)")
        #expect(run.err.contains("database does not answer"), "\(run.err)")
    }

    @Test("a key that others can read is not used")
    func keyMode() throws {
        let work = try Work(keys: ["open"])
        chmod(work.key("open"), 0o644)
        let run = try Program.run(
            ["fair", "sign", "-", "--key", work.key("open")], input: try work.manifest([("open", "a", "1")]))
        #expect(run.status == 77, "\(run.err)")
        #expect(run.err.contains("chmod 600"))
    }
}
