import Cryptography
import Foundation
import HTTPClient
import PythonRunning
import Registry
import Testing

/// The registry's specification, and what holds of every route.
@Suite struct SpecificationTests {
    private static let script = """
        import json, sys
        from openapi_spec_validator import OpenAPIV31SpecValidator
        document = json.load(open(sys.argv[1]))
        for error in OpenAPIV31SpecValidator(document).iter_errors():
            print(list(error.absolute_path), error.message[:300])
        """

    @Test("the specification is valid OpenAPI, and has every route at each mount")
    func specification() async throws {
        try await withRelay(try await TestRelay.database()) { relay in
            let answer = try await get(relay.origin + "/api/spec")
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("mjn-\(UUID().uuidString).json")
            try Data(answer.body).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let outcome = try await Python.run(["-c", Self.script, file.path])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == "")
            let paths = try #require(answer.json["paths"])
            for path in [
                "/.well-known/dfos-relay", "/proof/v1/operations", "/proof/v1/log", "/1.0/identifiers/{did}",
                "/index/v0/content", "/revocations/v1/issuer/{did}", "/signing/v0/requests",
            ] {
                #expect(paths[path] != nil, "\(path)")
                #expect(paths["/relay" + path] != nil, "/relay\(path)")
            }
        }
    }

    @Test("every answer lets browsers of any origin read it, refusals and unknown paths too")
    func origins() async throws {
        try await withRelay(try await TestRelay.database()) { relay in
            let requests: [(HTTPMethod, String, Int)] = [
                (.get, "/.well-known/dfos-relay", 200), (.get, "/proof/v1/log?after=x", 400),
                (.get, "/proof/nowhere", 404),
                (.delete, "/proof/v1/log", 405), (.post, "/proof/v1/operations", 400),
                (.options, "/proof/v1/operations", 204), (.options, "/proof/nowhere", 204),
                (.get, "/content/x/blob", 404), (.get, "/signing/v0/requests", 401),
            ]
            for base in [relay.origin, relay.base] {
                for (method, path, status) in requests {
                    let answer = try await send(method, base + path)
                    #expect(answer.status == status, "\(method.rawValue) \(path)")
                    #expect(answer.headers["Access-Control-Allow-Origin"] == "*", "\(method.rawValue) \(path)")
                    if status >= 400 { #expect(answer.error != nil, "\(method.rawValue) \(path)") }
                }
            }
            // The service's own routes are nobody's protocol.
            for path in ["/api/health", "/api/ready", "/metrics"] {
                #expect(try await get(relay.origin + path).status == 200)
            }
        }
    }

    @Test("a relay at one mount leaves the rest of the origin alone")
    func oneMount() async throws {
        try await withRelay(try await TestRelay.database()) {
            $0.settings.basePaths = ["/relay"]
        } _: { relay in
            let root = try await get(relay.origin + "/.well-known/dfos-relay")
            #expect(root.status == 404)
            #expect(root.json["code"]?.string == "not_found")
            #expect(try await get(relay.base + "/.well-known/dfos-relay").status == 200)
        }
    }
}
