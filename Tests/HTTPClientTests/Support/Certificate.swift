import Foundation

/// A certificate that signed itself, made by openssl. Its subject is its own: authorities are found by it.
struct Certificate: Sendable {
    let folder: URL
    var file: String { folder.appending(path: "certificate.pem").path }
    var key: String { folder.appending(path: "key.pem").path }

    /// - Parameter name: the name that it is for.
    init(name: String = "localhost") async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "http-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        _ = try await Subprocess.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj",
            "/CN=\(UUID().uuidString)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", key, "-out", file,
        ])
    }

    /// Makes a folder that holds the certificate under its hash, as the system's store does.
    func store() async throws -> String {
        let store = folder.appending(path: "store")
        try FileManager.default.createDirectory(at: store, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: file, toPath: store.appending(path: "certificate.pem").path)
        _ = try await Subprocess.run(["openssl", "rehash", store.path])
        return store.path
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}
