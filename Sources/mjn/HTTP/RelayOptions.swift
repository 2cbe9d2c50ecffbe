import ArgumentParser
import Foundation
import Service

/// Which relay is asked.
struct RelayOptions: ParsableArguments {
    @Option(help: "The relay; by default that of a node on this machine (MJN_RELAY_URL). off: none is asked.")
    var relay: String?

    @Option(name: .customLong("port-offset"), help: "Added to the port of the node on this machine.")
    var portOffset = 0

    func validate() throws {
        guard ServicePorts.port(of: "registry", offset: portOffset) != nil else {
            throw ValidationError("--port-offset moves the registry's port out of 1 to 65535")
        }
    }

    /// The client for it; nil where none is to be asked.
    func clientIfAny() throws(CLIFailure) -> RelayClient? {
        let port = ServicePorts.port(of: "registry", offset: portOffset) ?? 0
        let set = ProcessInfo.processInfo.environment["MJN_RELAY_URL"] ?? ""
        let named = relay ?? (set.isEmpty ? "http://127.0.0.1:\(port)/relay" : set)
        return named == "off" ? nil : try RelayClient(named)
    }

    /// The client for it.
    /// - Throws: exit code 64 where none is to be asked.
    func client() throws(CLIFailure) -> RelayClient {
        guard let client = try clientIfAny() else {
            throw CLIFailure("there is no relay to ask", fix: "name one with --relay", exitCode: ExitStatus.usage)
        }
        return client
    }
}
