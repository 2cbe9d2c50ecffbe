import PythonRunning

/// Checks an OpenAPI document with the Python package openapi-spec-validator.
enum SpecificationValidator {
    /// What is wrong with the document; empty when nothing is.
    ///
    /// - Throws: when there is no Python with the package: the test must fail then, not pass.
    static func findings(_ document: [UInt8]) throws -> String {
        let script = """
            import json, sys
            try:
                from openapi_spec_validator import OpenAPIV31SpecValidator
            except ImportError as error:
                print(error, file=sys.stderr); sys.exit(3)
            document = json.load(sys.stdin)
            for error in OpenAPIV31SpecValidator(document).iter_errors():
                print(list(error.absolute_path), error.message[:300])
            """
        return String(decoding: try Python.output(of: ["-c", script], input: document), as: UTF8.self)
    }
}
