import Cryptography
import Foundation

/// Private keys at rest: JWK files that only their owner can read.
enum KeyFile {
    /// Files larger than this are no keys.
    private static let bytesMax = 16 << 10

    /// Reads a private key.
    /// - Throws: exit code 65 when it is none, 77 when others may read it.
    static func readPrivate(_ path: String) throws(CLIFailure) -> Ed25519PrivateKey {
        let bytes = try contents(path)
        try checkMode(path)
        do {
            return try JWK.decodePrivate(bytes)
        } catch {
            throw CLIFailure(
                "\(path) is not a private key: \(error.code)", fix: "make one with: mjn did new --out FILE",
                exitCode: ExitStatus.badInput)
        }
    }

    /// Reads a Solana keypair file, a JSON array of 64 numbers.
    static func readSolana(_ path: String) throws(CLIFailure) -> Ed25519PrivateKey {
        let bytes = try contents(path)
        do {
            return try SolanaKeypair.decode(bytes)
        } catch {
            throw CLIFailure(
                "\(path) is not a Solana keypair: \(error.code)",
                fix: "give the file that solana-keygen wrote, an array of 64 numbers", exitCode: ExitStatus.badInput)
        }
    }

    /// Writes a private key, mode 0600, and never over a file.
    static func writePrivate(_ key: Ed25519PrivateKey, to path: String) throws(CLIFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw CLIFailure(
                "cannot write \(path): \(reason)", fix: "choose a path that does not exist in a folder of yours",
                exitCode: ExitStatus.failed)
        }
        defer { close(descriptor) }
        let bytes = JWK.encode(privateKey: key) + [UInt8(ascii: "\n")]
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            unlink(path)
            throw CLIFailure("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Reads a small file.
    static func contents(_ path: String) throws(CLIFailure) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path), data.count <= bytesMax else {
            throw CLIFailure(
                "cannot read \(path)", fix: "check the path and its permissions", exitCode: ExitStatus.badInput)
        }
        return Array(data)
    }

    static func checkMode(_ path: String) throws(CLIFailure) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return }
        throw CLIFailure(
            "\(path) can be read by others than its owner", fix: "chmod 600 \(path)",
            exitCode: ExitStatus.notPermitted)
    }
}
