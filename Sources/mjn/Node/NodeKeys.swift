import Cryptography
import Foundation

/// The keys of a node's data directory.
struct NodeKeys: Sendable {
    let node: Ed25519PrivateKey
    let servicePath: String
    let nodePath: String

    var nodeDID: DID { DID(publicKey: node.publicKey) }

    /// The node's key of a production node: it must exist.
    static func existing(_ dataDirectory: String) throws(CLIFailure) -> NodeKeys {
        let path = ProcessInfo.processInfo.environment["MJN_NODE_KEY"] ?? dataDirectory + "/keys/node.jwk"
        guard FileManager.default.fileExists(atPath: path) else {
            throw CLIFailure(
                "the node has no key at \(path)",
                fix: "make one and keep a copy of it: mkdir -p \(dataDirectory)/keys && mjn did new --out \(path)",
                exitCode: ExitStatus.badInput)
        }
        return NodeKeys(
            node: try KeyFile.readPrivate(path), servicePath: dataDirectory + "/keys/service.jwk", nodePath: path)
    }

    /// The keys of a development node, made where they are missing.
    static func development(_ dataDirectory: String) throws(CLIFailure) -> NodeKeys {
        let folder = try developmentFolder(dataDirectory)
        let nodePath = ProcessInfo.processInfo.environment["MJN_NODE_KEY"] ?? folder + "/node.jwk"
        for path in [nodePath, folder + "/service.jwk"] where !FileManager.default.fileExists(atPath: path) {
            try KeyFile.writePrivate(Ed25519PrivateKey(), to: path)
        }
        return try existing(dataDirectory)
    }

    /// The folder of a development node's keys, made where it is missing.
    static func developmentFolder(_ dataDirectory: String) throws(CLIFailure) -> String {
        let folder = dataDirectory + "/keys"
        do {
            // The data directory itself stays open to the account that Postgres runs as.
            try FileManager.default.createDirectory(atPath: dataDirectory, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CLIFailure("cannot make \(folder)", fix: "choose another folder with --data-dir")
        }
        return folder
    }

    /// The DID of the development service.
    func serviceDID() throws(CLIFailure) -> DID {
        DID(publicKey: try KeyFile.readPrivate(servicePath).publicKey)
    }
}
