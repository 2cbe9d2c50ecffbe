import Foundation
import Glibc
import PythonRunning

public import Cryptography
public import HTTPClient

/// A chain of one node, for one test: the real token programs behind JSON-RPC, with slots that pass when the test says
/// so and faults that it asks for. Ends with the object, or with the process that made it.
public final class SolanaChain: Sendable {
    /// Its JSON-RPC address.
    public let url: String
    /// A client that may reach it.
    public let http: HTTPClient
    private let process: Process
    private let input: FileHandle

    /// Why there is no chain, or it did not do what it was told.
    public struct Failure: Error, CustomStringConvertible {
        /// The reason.
        public let description: String
    }

    /// Starts one. It takes about half a second.
    public init() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "python/server.py")
        process.arguments = [Python.path, "-B", program.path]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line: [UInt8] = []
        while line.last != 0x0A {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else {
                throw Failure(description: "the chain did not start; are the packages of the tests installed?")
            }
            line += data
        }
        let said = try JSONDocument(parsing: line).root
        guard let url = said["rpc"]?.string else { throw Failure(description: "the chain did not say where it is") }
        self.url = url
        self.process = process
        self.input = input.fileHandleForWriting
        http = try HTTPClient(HTTPClientConfiguration(egress: .any))
    }

    deinit {
        // Not asked politely: a process that was started from a thread with blocked signals keeps them blocked.
        kill(process.processIdentifier, SIGKILL)
    }

    /// Calls a method. `parameters` writes the elements of `params`.
    @discardableResult
    public func call(
        _ method: String, _ parameters: (inout JSONWriter) -> Void = { _ in }
    ) async throws -> JSONValue {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("jsonrpc", "2.0")
        writer.field("id", 1)
        writer.field("method", method)
        writer.array("params") { parameters(&$0) }
        writer.endObject()
        let response = try await http.send(
            HTTPRequest(.post, url, headers: ["Content-Type": "application/json"], body: writer.bytes))
        let root = try JSONDocument(parsing: response.body, limits: .batch).root
        guard let result = root["result"] else {
            throw Failure(description: "\(method): \(String(decoding: response.body, as: UTF8.self))")
        }
        return result
    }
}
