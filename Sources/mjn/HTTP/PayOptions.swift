import ArgumentParser
import Foundation
import Service

/// Which pay service is called.
struct PayOptions: ParsableArguments {
    @Option(
        name: .customLong("pay-url"), help: "The pay service; by default that of a node on this machine (MJN_PAY_URL).")
    var payURL: String?

    @Option(name: .customLong("port-offset"), help: "Added to the port of the node on this machine.")
    var portOffset = 0

    func validate() throws {
        guard ServicePorts.port(of: "pay", offset: portOffset) != nil else {
            throw ValidationError("--port-offset moves pay's port out of 1 to 65535")
        }
    }

    /// The client for it.
    func client() throws(CLIFailure) -> NodeClient {
        let port = ServicePorts.port(of: "pay", offset: portOffset) ?? 0
        let named = payURL ?? ProcessInfo.processInfo.environment["MJN_PAY_URL"]
        return try NodeClient(named ?? "http://127.0.0.1:\(port)")
    }
}
