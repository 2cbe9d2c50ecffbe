import Cryptography
import Foundation
import ProofChain

/// Identity chains at rest: a JSON array of compact JWS tokens.
enum ChainFile {
    /// Past any chain of a person: some 100,000 rotations.
    static let bytesMax = 64 << 20
    private static let operationsMax = 200_000
    private static let limits = JSONLimits(depth: 2, members: operationsMax, bytes: bytesMax)

    /// Why a text is no chain, before any of it was verified.
    struct FormError: Error {
        static let code = "chain_malformed"
        let reason: String
    }

    /// The tokens of a file's text.
    static func tokens(_ bytes: [UInt8]) throws(FormError) -> [String] {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: bytes, limits: limits)
        } catch {
            throw FormError(reason: "it is not JSON as it should be: \(InputFile.describe(error))")
        }
        guard document.root.kind == .array else { throw FormError(reason: "it is not a JSON array of tokens") }
        var tokens: [String] = []
        for element in document.root.elements {
            guard let token = element.string else {
                throw FormError(reason: "member \(tokens.count) is not a string: each is a token in compact form")
            }
            tokens.append(token)
        }
        return tokens
    }

    /// Reads and verifies a chain; `-` is standard input.
    /// - Throws: exit code 65 when it cannot be read or is no valid chain.
    static func read(_ path: String) throws(CLIFailure) -> IdentityChain {
        try chain(try InputFile.read(path, bytesMax: bytesMax), path)
    }

    /// Verifies the text of a chain.
    /// - Throws: exit code 65 when it is no valid chain.
    static func chain(_ bytes: [UInt8], _ path: String) throws(CLIFailure) -> IdentityChain {
        do {
            return try IdentityChain(verifying: try tokens(bytes))
        } catch {
            let (code, reason) = describe(error)
            throw CLIFailure(
                "\(InputFile.name(path)) is no valid identity chain: \(code): \(Terminal.printable(reason))",
                fix: "see what is wrong with: mjn chain verify FILE", exitCode: ExitStatus.badInput)
        }
    }

    /// The code and the reason of what makes a chain invalid.
    static func describe(_ error: any Error) -> (code: String, reason: String) {
        switch error {
        case let error as ProofError: (error.code.rawValue, error.reason)
        case let error as FormError: (FormError.code, error.reason)
        default: (FormError.code, "\(error)")
        }
    }

    /// The text of a file: one token a line, so that a diff shows what was added.
    static func text(_ tokens: [String]) -> [UInt8] {
        var json: [UInt8] = []
        for (index, token) in tokens.enumerated() {
            var writer = JSONWriter()
            writer.string(token)
            json += Array((index == 0 ? "[\n" : ",\n").utf8) + writer.bytes
        }
        return json + Array("\n]\n".utf8)
    }

    /// Reads a chain, changes it and puts the longer one in its place, while no other command can.
    ///
    /// Nothing is written when `change` throws.
    /// - Throws: exit code 65 when it is no valid chain, 75 while another command changes it.
    static func update(
        _ path: String, _ change: (IdentityChain) throws -> IdentityChain
    ) throws -> IdentityChain {
        guard path != "-" else {
            throw CLIFailure(
                "a chain is changed in its file, not on standard input", fix: "give the file's path",
                exitCode: ExitStatus.usage)
        }
        guard let resolved = realpath(path, nil) else { throw InputFile.unreadable(path) }
        defer { free(resolved) }
        let real = String(cString: resolved)
        let lock = try Lock(real)
        defer { lock.release() }
        let longer = try change(try read(real))
        try AtomicFile.replace(real, with: text(longer.tokens))
        return longer
    }

    /// The only right to change a file, as far as this program goes; gone with the process.
    private struct Lock {
        private let descriptor: Int32

        init(_ path: String) throws(CLIFailure) {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw InputFile.unreadable(path) }
            var (locked, now) = (stat(), stat())
            // Whoever held the lock before may have put another file in the place of the one that is open here.
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &locked) == 0, stat(path, &now) == 0,
                locked.st_ino == now.st_ino, locked.st_dev == now.st_dev
            else {
                close(descriptor)
                throw CLIFailure(
                    "another command is changing \(path)", fix: "run this again when it is done",
                    exitCode: ExitStatus.busy)
            }
            self.descriptor = descriptor
        }

        func release() { close(descriptor) }
    }
}
