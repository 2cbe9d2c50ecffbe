import Foundation
import PythonRunning

/// One exchange with a service, to be held against its specification.
struct Exchange: Encodable, Sendable {
    let method: String
    /// The path's template.
    let path: String
    let status: Int
    let contentType: String
    let body: String
}

/// Holds exchanges against an OpenAPI document, with the Python packages openapi-spec-validator and jsonschema.
enum SpecificationChecker {
    private struct Input: Encodable {
        let document: String
        let exchanges: [Exchange]
    }

    /// What does not fit: the document itself, an answer that is not as declared, an example that its schema refuses,
    /// or a route without both a success and a refusal among the exchanges. Empty when all is well.
    ///
    /// - Throws: when there is no Python with the packages: the test must fail then, not pass.
    static func findings(_ document: [UInt8], _ exchanges: [Exchange]) throws -> String {
        let input = try JSONEncoder().encode(
            Input(document: String(decoding: document, as: UTF8.self), exchanges: exchanges))
        return String(decoding: try Python.output(of: ["-c", script], input: Array(input)), as: UTF8.self)
    }

    private static let script = """
        import json, sys
        try:
            from openapi_spec_validator import OpenAPIV31SpecValidator
            from jsonschema import Draft202012Validator
            from referencing import Registry, Resource
            from referencing.jsonschema import DRAFT202012
        except ImportError as error:
            print(error, file=sys.stderr); sys.exit(3)
        given = json.load(sys.stdin)
        document = json.loads(given["document"])
        for error in OpenAPIV31SpecValidator(document).iter_errors():
            print("document", list(error.absolute_path), error.message[:300])
        registry = Registry().with_resource("urn:doc", Resource(contents=document, specification=DRAFT202012))
        def pointer(*parts):
            return "urn:doc#/" + "/".join(p.replace("~", "~0").replace("/", "~1") for p in parts)
        def check(what, where, value):
            validator = Draft202012Validator({"$ref": where}, registry=registry)
            for error in validator.iter_errors(value):
                print(what, list(error.absolute_path), error.message[:300])
        seen = {}
        for exchange in given["exchanges"]:
            method, path, status = exchange["method"].lower(), exchange["path"], str(exchange["status"])
            what = f"{method} {path} {status}"
            seen.setdefault((path, method), set()).add("success" if status < "400" else "refusal")
            declared = document["paths"].get(path, {}).get(method, {}).get("responses", {}).get(status)
            if declared is None:
                print(what, "is not declared:", exchange["body"][:300]); continue
            kind = exchange["contentType"].split(";")[0]
            if kind not in declared.get("content", {}):
                print(what, "has another content type:", kind); continue
            check(what, pointer("paths", path, method, "responses", status, "content", kind, "schema"),
                json.loads(exchange["body"]) if kind.endswith("json") else exchange["body"])
        for path, item in document["paths"].items():
            if path in ("/api/health", "/api/ready", "/api/spec", "/metrics"): continue
            for method in item:
                missing = {"success", "refusal"} - seen.get((path, method), set())
                if missing: print(method, path, "was not driven to", missing)
        def examples(node, *parts):
            if isinstance(node, dict):
                if isinstance(node.get("examples"), list):
                    for example in node["examples"]: check("example", pointer(*parts), example)
                for key, value in node.items(): examples(value, *parts, key)
            elif isinstance(node, list):
                for index, value in enumerate(node): examples(value, *parts, str(index))
        examples(document)
        """
}
