import Foundation
import ProcessWaiting

/// Checks an OpenAPI document with the Python package openapi-spec-validator.
enum SpecificationValidator {
    struct Unavailable: Error, CustomStringConvertible { let description: String }

    /// What is wrong with the document; empty when nothing is.
    ///
    /// - Throws: `Unavailable` when there is no Python with the package: the test must fail then, not pass.
    static func findings(_ document: [UInt8]) throws -> String {
        let python = python()
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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-c", script]
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
        do { try process.run() } catch { throw Unavailable(description: "\(python) does not start: \(error)") }
        let writer = Thread {
            input.fileHandleForWriting.write(Data(document))
            input.fileHandleForWriting.closeFile()
        }
        writer.start()
        let found = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        guard process.exitStatus() == 0 else {
            throw Unavailable(
                description: """
                    \(python) could not validate the specification: \(said)
                    Install the test tools (make test does): python3 -m venv .mjn/venv && \
                    .mjn/venv/bin/pip install openapi-spec-validator, or set MJN_PYTHON.
                    """)
        }
        return found
    }

    private static func python() -> String {
        if let python = ProcessInfo.processInfo.environment["MJN_PYTHON"] { return python }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent(".mjn/venv/bin/python3").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        return "python3"
    }
}
