import Cryptography
import Foundation
import Logging
import Service
import Testing

@Suite("The OpenAPI document")
struct SpecificationTests {
    /// A table with one of everything.
    static func routes() -> [Route] {
        let split = Schema.named(
            "Split", .object([.required("did", .did), .required("amount", .integer(minimum: 0, maximum: 9))]))
        let settlement = Schema.named(
            "Settlement",
            .object([
                .required("id", .string("An id.", pattern: "^stl_").example("\"stl_1\"")),
                .required("splits", .array(of: split)), .optional("via", .nullable(.array(of: .string, maxItems: 5))),
                .required("status", .enumeration(["settled", "pending"])), .optional("metadata", .map(of: .any)),
                .optional("funding", .oneOf([.boolean, .object([], additional: true)])),
            ]))
        return [
            Route(
                .post, "/api/settle", id: "settle", summary: "Settles.", description: "Once.",
                auth: .signed(scopes: ["settle"], note: "`from_did` itself"), idempotency: .required,
                request: settlement,
                responses: [.json(201, "Settled.", settlement), .json(202, "Pending.", settlement)],
                errors: [ProblemCode("insufficient_funds", 402, "The payer's balance is too small")]
            ) { _ in .empty() },
            Route(
                .get, "/api/settlements/{id}", id: "getSettlement", summary: "One.", auth: .signed(),
                parameters: [.query("at", .dateTime, "When.")], responses: [.json(200, "It.", settlement)],
                errors: [.notFound]
            ) { _ in .empty() },
            Route(
                .get, "/api/settlements", id: "listSettlements", summary: "All.", parameters: Parameter.page,
                responses: [.json(200, "A page.", .page(of: settlement))], errors: [.limitInvalid, .cursorInvalid]
            ) { _ in .empty() },
            Route(
                .delete, "/api/settlements/{id}", id: "deleteNothing", summary: "No.", idempotency: .optional,
                parameters: [.path("id", .string, "Which.")], responses: [.empty(204, "Done.")]
            ) { _ in .empty() },
            SessionKeyStore().route,
        ]
    }

    static func configuration() throws -> ServiceConfiguration {
        var configuration = ServiceConfiguration(logger: LogLines().logger(.critical))
        configuration.signatures = SignaturePolicy(origins: try PublicOrigins([], allowLoopback: true))
        return configuration
    }

    @Test("it is valid OpenAPI 3.1")
    func isValid() throws {
        let service = try HTTPService(
            name: "pay", port: 0, routes: Self.routes(), configuration: Self.configuration())
        #expect(try SpecificationValidator.findings(service.specification) == "")
        var broken = String(decoding: service.specification, as: UTF8.self)
        broken.replace("\"operationId\":\"settle\"", with: "\"operationId\":\"getReady\"")
        #expect(try SpecificationValidator.findings(Array(broken.utf8)) != "", "the validator finds nothing")
    }

    @Test("every route, parameter, schema, problem code and the signature scheme are in it")
    func isComplete() async throws {
        let text = try await withService(Self.routes(), configure: { $0 = try Self.configuration() }) { port, _ in
            try await exchange("GET", "/api/spec", port: port).body
        }
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        let expected = [
            "/api/settle", "/api/settlements/{id}", "/api/settlements", "/api/session-keys", "/api/health",
            "/api/ready", "/api/spec", "/metrics",
        ]
        #expect(Set(paths.keys) == Set(expected))
        #expect(Set(try #require(paths["/api/settlements/{id}"]).keys) == ["get", "delete"])
        let settle = try #require(paths["/api/settle"]?["post"])
        let responses = try #require(settle["responses"] as? [String: [String: Any]])
        #expect(
            Set(responses.keys).isSuperset(of: ["201", "202", "400", "401", "402", "408", "413", "415", "431", "500"]))
        #expect((responses["402"]?["description"] as? String)?.contains("`insufficient_funds`") == true)
        #expect((responses["401"]?["description"] as? String)?.contains("`signature_replayed`") == true)
        #expect((responses["400"]?["description"] as? String)?.contains("`idempotency_key_missing`") == true)
        #expect((settle["security"] as? [[String: [String]]])?.first?["signature"] == ["settle"])
        let one = try #require(paths["/api/settlements/{id}"]?["get"]?["parameters"] as? [[String: Any]])
        #expect(one.compactMap { $0["name"] as? String }.sorted() == ["at", "id"])
        let components = try #require(document["components"] as? [String: [String: Any]])
        #expect(Set(try #require(components["schemas"]).keys) == ["Problem", "Settlement", "Split"])
        #expect(components["securitySchemes"]?["signature"] != nil)
    }

    @Test("a table whose parts do not fit is refused")
    func mistakes() throws {
        func refuses(_ routes: Route...) throws {
            #expect(throws: ServiceSetupError.self) {
                try HTTPService(name: "x", port: 0, routes: routes, configuration: Self.configuration())
            }
        }
        func route(
            _ path: String, _ id: String, method: Method = .get, parameters: [Parameter] = [],
            responses: [ResponseSpec] = anyReply
        ) -> Route {
            Route(method, path, id: id, summary: "S.", parameters: parameters, responses: responses) { _ in .empty() }
        }
        try refuses(route("/a", "a"), route("/b", "a"))
        try refuses(route("/a", "a"), route("/a", "b"))
        try refuses(route("/a/{x}", "a"), route("/a/{y}", "b"))
        try refuses(route("/a/{x}/{x}", "a"))
        try refuses(route("a", "a"))
        try refuses(route("/a/{x", "a"))
        try refuses(route("/a b", "a"))
        try refuses(route("/a", "a", parameters: [.path("x", .string, "X.")]))
        try refuses(route("/a", "a", parameters: [.query("x", .string, "X."), .query("x", .string, "X.")]))
        try refuses(route("/a", "a", responses: []))
        try refuses(route("/api/health", "a"))
        #expect(throws: ServiceSetupError.self, "a signed route without a policy") {
            try HTTPService(
                name: "x", port: 0, routes: Self.routes(),
                configuration: ServiceConfiguration(logger: LogLines().logger(.critical)))
        }
    }
}
