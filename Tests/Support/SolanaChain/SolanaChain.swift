import ChildProcesses
import Foundation
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
    private let server: ChildServer

    /// Why there is no chain, or it did not do what it was told.
    public struct Failure: Error, CustomStringConvertible {
        /// The reason.
        public let description: String
    }

    /// Starts one. It takes about half a second.
    /// - Parameter isLive: slots pass by the clock too, not only when the test says so.
    public init(isLive: Bool = false) throws {
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "python/server.py")
        server = try ChildServer(Python.command([program.path] + (isLive ? ["--live"] : [])))
        let said = try JSONDocument(parsing: try server.firstLine()).root
        guard let url = said["rpc"]?.string else { throw Failure(description: "the chain did not say where it is") }
        self.url = url
        http = try HTTPClient(HTTPClientConfiguration(egress: .any))
    }

    deinit {
        server.process.end()
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
