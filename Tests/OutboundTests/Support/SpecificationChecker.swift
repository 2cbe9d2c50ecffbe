import Foundation
import PythonRunning

/// One exchange with a service, to be held against its specification.
struct Exchange: Encodable, Sendable {
    let method: String
    /// The path's template.
    let path: String
    let status: Int
    let body: String
}

/// Holds exchanges against an OpenAPI document, with the Python packages openapi-spec-validator and jsonschema.
enum SpecificationChecker {
    private struct Unchecked: Error { let reason: String }

    private struct Input: Encodable {
        let document: String
        let exchanges: [Exchange]
    }

    /// What does not fit: the document itself, an answer that is not as declared, or a route of webhooks without both a
    /// success and a refusal among the exchanges. Empty when all is well.
    static func findings(_ document: [UInt8], _ exchanges: [Exchange]) async throws -> String {
        let input = try JSONEncoder().encode(
            Input(document: String(decoding: document, as: UTF8.self), exchanges: exchanges))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("mjn-webhooks-\(UUID()).json")
        try input.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let outcome = try await Python.run(["-c", script, file.path])
        guard outcome.status == 0 else { throw Unchecked(reason: outcome.errors) }
        return outcome.output
    }

    private static let script = """
        import json, sys
        from jsonschema import Draft202012Validator
        from openapi_spec_validator import validate
        given = json.load(open(sys.argv[1]))
        document = json.loads(given["document"])
        validate(document)
        seen = {}
        for exchange in given["exchanges"]:
            operation = document["paths"][exchange["path"]][exchange["method"].lower()]
            where = f'{exchange["method"]} {exchange["path"]} {exchange["status"]}'
            seen.setdefault((exchange["method"].lower(), exchange["path"]), set()).add(exchange["status"] < 400)
            declared = operation["responses"].get(str(exchange["status"]))
            if declared is None:
                print(where, "is not declared")
                continue
            for media in declared.get("content", {}).values():
                schema = {**media["schema"], "components": document.get("components", {})}
                for error in Draft202012Validator(schema).iter_errors(json.loads(exchange["body"])):
                    print(where, error.message)
        for path, operations in document["paths"].items():
            for method in operations:
                if "webhook" in path and seen.get((method, path)) != {True, False}:
                    print(method, path, "has no success or no refusal here")
        """
}
