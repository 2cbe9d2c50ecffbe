import Cryptography
import StripeSimulator
import Testing

/// A platform that sends requests to a world of its own, in process.
struct Shop {
    static let startMs: Int64 = 1_790_000_000_000
    static let platformSecret = "whsec_platform"
    static let connectSecret = "whsec_connect"
    static let dayMs: Int64 = 86_400_000

    var world: StripeWorld
    var nowMs = Self.startMs

    init(seed: UInt64 = 1, _ change: (inout StripeConfiguration) -> Void = { _ in }) {
        var configuration = StripeConfiguration()
        configuration.endpoints = [
            StripeEndpoint(id: "we_platform", secrets: [Self.platformSecret]),
            StripeEndpoint(id: "we_connect", isConnect: true, secrets: [Self.connectSecret]),
        ]
        change(&configuration)
        world = StripeWorld(seed: seed, configuration: configuration)
    }

    /// An answer, read.
    struct Answer {
        let status: Int
        let json: JSONValue
        let raw: StripeAnswer

        subscript(name: String) -> JSONValue? { json[name] }
        func string(_ name: String) -> String { json[name]?.string ?? "" }
        func int(_ name: String) -> Int64? { json[name]?.int64 }
        var id: String { string("id") }
        var code: String? { json["error"]?["code"]?.string }
        var type: String? { json["error"]?["type"]?.string }
        var rows: [JSONValue] { json["data"].map { Array($0.elements) } ?? [] }

        init(_ answer: StripeAnswer) throws {
            raw = answer
            status = answer.status
            json = try JSONDocument(parsing: answer.body, limits: .batch).root
        }
    }

    static func request(
        _ method: String, _ path: String, _ form: String = "", key: String? = nil, account: String? = nil
    ) -> StripeRequest {
        let isPost = method == "POST"
        return StripeRequest(
            method: method, target: isPost || form.isEmpty ? path : "\(path)?\(form)",
            form: isPost ? Array(form.utf8) : [], authorization: "Bearer sk_test_simulator",
            version: "2026-10-28.endive", account: account, idempotencyKey: key,
            contentType: isPost ? "application/x-www-form-urlencoded" : nil)
    }

    mutating func post(_ path: String, _ form: String = "", key: String? = nil, account: String? = nil) throws
        -> Answer
    {
        try Answer(world.handle(Self.request("POST", path, form, key: key, account: account), nowMs: nowMs))
    }

    mutating func get(_ path: String, _ query: String = "", account: String? = nil) throws -> Answer {
        try Answer(world.handle(Self.request("GET", path, query, account: account), nowMs: nowMs))
    }

    /// A seller who may receive transfers.
    mutating func seller() throws -> String {
        let form = "country=CA&controller[stripe_dashboard][type]=express&capabilities[transfers][requested]=true"
        let id = try post("/v1/accounts", form).id
        try world.onboard(id, nowMs: nowMs)
        return id
    }

    /// A charge of this amount; answers its id and its intent's.
    mutating func sale(_ amountMinor: Int64, _ currency: String = "cad", _ more: String = "") throws
        -> (charge: String, intent: String)
    {
        let answer = try post(
            "/v1/payment_intents",
            "amount=\(amountMinor)&currency=\(currency)&confirm=true&payment_method=pm_card_visa\(more)")
        #expect(answer.status == 200)
        return (answer.string("latest_charge"), answer.id)
    }

    /// Lets money become available.
    mutating func wait(days: Int64 = 2) {
        nowMs += days * Self.dayMs
        world.advance(nowMs: nowMs)
    }

    /// The types of the webhooks that are due, in order.
    mutating func delivered() -> [String] { world.takeWebhooks(nowMs: nowMs).map(\.type) }

    func available(_ account: String? = nil, _ currency: String = "cad") -> Int64 {
        world.balance(of: account, currency: currency).availableMinor
    }

    func pending(_ account: String? = nil, _ currency: String = "cad") -> Int64 {
        world.balance(of: account, currency: currency).pendingMinor
    }

    /// What must hold after everything that a correct client does.
    func isSound(_ location: SourceLocation = #_sourceLocation) {
        #expect(world.balanceProof().isEmpty, sourceLocation: location)
        #expect(world.violations.isEmpty, sourceLocation: location)
    }
}
