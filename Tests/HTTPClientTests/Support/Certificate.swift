import Foundation
import ProcessWaiting
import Testing

/// A certificate for `localhost` that signed itself, made by openssl.
struct Certificate {
    let folder: URL
    var file: String { folder.appending(path: "certificate.pem").path }
    var key: String { folder.appending(path: "key.pem").path }

    init(subject: String = "localhost") throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "http-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=\(subject)", "-addext", "subjectAltName=DNS:\(subject)", "-keyout", key, "-out", file,
        ])
    }

    /// Names the certificates of a folder by their hashes, as a store of the system has them.
    func hashFolder() throws { try Self.openssl(["rehash", folder.path]) }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try #require(process.exitStatus() == 0)
    }
}
