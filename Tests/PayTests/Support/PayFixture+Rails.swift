import Cryptography
import Kernel
import LedgerDouble
import Pay
import RailDouble
import Service
import Settlement
import Synchronization
import Testing

/// What the operator was told.
final class ReportLog: Sendable {
    private let reports = Mutex<[RailReport]>([])

    func add(_ report: RailReport) { reports.withLock { $0.append(report) } }

    var kinds: [RailReport.Kind] { reports.withLock { $0.map(\.kind) } }
}

/// Bodies of checkouts: what a test does not name has the plain default, a guest at a shop.
struct CheckoutBody {
    var from: String?
    /// JSON text.
    var amount = "4000"
    var currency = "CAD"
    var rail = "stripe"
    var manifest: [UInt8]?
    var successURL = "https://shop.example/thanks"
    var cancelURL = "https://shop.example/cart"
    var isDirect = false
    /// For a top-up: whose balance; then no service and no type.
    var topUp: String?

    init() {}

    /// A checkout that settles by the standard manifest.
    static func settling() throws -> CheckoutBody {
        var body = CheckoutBody()
        body.manifest = try Manifests.signed(Manifests.standard())
        return body
    }

    var json: String {
        var members = [
            #""amount":\#(amount)"#, #""currency":"\#(currency)""#, #""rail":"\#(rail)""#,
            #""success_url":"\#(successURL)""#, #""cancel_url":"\#(cancelURL)""#,
        ]
        if let topUp {
            members.append(#""did":"\#(topUp)""#)
        } else {
            members += [#""service":"events""#, #""type":"ticket""#]
        }
        if let from { members.append(#""from_did":"\#(from)""#) }
        if let manifest { members.append(#""fair_manifest":\#(String(decoding: manifest, as: UTF8.self))"#) }
        if isDirect { members.append(#""direct":true"#) }
        return "{\(members.joined(separator: ","))}"
    }

    func with(_ change: (inout CheckoutBody) -> Void) -> CheckoutBody {
        var copy = self
        change(&copy)
        return copy
    }
}

extension PayFixture {
    /// Opens a payment and gives its id.
    func checkout(_ body: CheckoutBody, key: String = "c", by person: Person = .service) async throws -> String {
        let path = body.topUp == nil ? "/api/checkout" : "/api/balance/topup"
        let response = try await send(.post, path, body.json, key: key, by: person)
        #expect(response.status == 201, "\(response.text)")
        return try #require(response.json["id"]?.string)
    }

    /// The payer pays, and the rail tells.
    func arrive(_ id: String, _ amountMinor: Int64, feeMinor: Int64) async throws {
        let news = rail.pay(id, amountMinor, feeMinor: feeMinor)
        let outcome = try await #require(worker).take(news, from: .stripe)
        #expect(outcome == .applied)
    }

    /// Does what is due.
    func pass() async throws { _ = try await #require(worker).pass() }

    /// The stored payment.
    func payment(_ id: String) throws -> Payment {
        guard case .payment(let payment)? = ledger.book.lifecycles[id]?.lifecycle else {
            throw TestFailure("there is no payment \(id)")
        }
        return payment
    }

    /// A posted balance, in the account's own direction.
    func balance(_ key: AccountKey) -> Int64 {
        let account = ledger.book.accounts.values.first { $0.key == key }
        return account.map { $0.counters.balance($0.key.kind.accountClass) } ?? 0
    }

    func cash(_ person: Person, _ currency: String = "CAD") -> Int64 { balance(.cash(person.did.string, currency)) }

    /// How often anything was posted.
    var postingsCount: Int { ledger.book.postings.count }

    /// Sets and puts in force where somebody is paid out.
    func setPayee(_ person: Person, address: String = "acct_1", schedule: String = "manual") async throws {
        let body = """
            {"destinations":[{"rail":"stripe","currency":"CAD","address":"\(address)"}],"schedule":"\(schedule)"}
            """
        let response = try await send(.put, "/api/payees/\(person.did)", body, by: person)
        #expect(response.status == 200, "\(response.text)")
        advance(ms: 86_400_000)
        try await pass()
    }
}

/// Why a test cannot go on.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
